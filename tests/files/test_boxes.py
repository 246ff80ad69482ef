"""Box maps, checks of boxes and photographs, and `boxes.h5`."""

import json
import logging

import numpy as np
import pytest
from PIL import Image

from lpg.annotations import Record
from lpg.pixels.box_maps import box_map, box_slices, paint_boxes
from lpg.files.boxes import BoxTable, merged_classes
from lpg.errors import InputError
from lpg.annotations.extraction import check_boxes, choose_fraction
from lpg.files.label_maps import LabelMaps
from lpg.storage import class_table, open_file, read_strings


def random_boxes(rng: np.random.Generator, count: int, height: int, width: int) -> np.ndarray:
    edges = rng.uniform(0, 1, (count, 4)) * (width, height, width, height)
    low, high = np.minimum(edges[:, :2], edges[:, 2:]), np.maximum(edges[:, :2], edges[:, 2:])
    return np.concatenate([low, high], axis=1).round(1).astype(np.float32)


def touches(box: np.ndarray, row: int, column: int) -> bool:
    x0, y0, x1, y1 = box
    return x0 < column + 1 and column < x1 and y0 < row + 1 and row < y1


def test_a_photograph_without_annotation_is_skipped_when_asked(voc, make_boxes):
    voc.xml("q").unlink()
    with pytest.raises(InputError, match=r"q\.xml does not exist, .* or set skip_unreadable: true"):
        make_boxes(voc.settings)
    table = BoxTable([make_boxes(voc.settings, skip_unreadable=True)])
    assert [image.name for image in table.images] == ["tiny/p"]


def test_box_holds_every_pixel_it_touches():
    assert box_slices(np.array([1, 2, 3, 4]), 6, 8) == (slice(2, 4), slice(1, 3))
    assert box_slices(np.array([1.9, 2.9, 3.1, 4.1]), 6, 8) == (slice(2, 5), slice(1, 4))
    assert box_slices(np.array([-3, -3, 99, 99]), 6, 8) == (slice(0, 6), slice(0, 8))


def test_box_map_is_the_union():
    boxes = np.array([[0, 0, 2, 1], [1, 0, 3, 3]])
    assert box_map(boxes, 3, 5).astype(int).tolist() == [[1, 1, 1, 0, 0], [0, 1, 1, 0, 0], [0, 1, 1, 0, 0]]
    assert not box_map(np.zeros((0, 4)), 3, 5).any()


def test_smaller_box_is_on_top_in_any_order():
    boxes = np.array([[2, 1, 4, 3], [0, 0, 5, 3], [3, 2, 4, 3]])
    expected = [[7, 7, 7, 7, 7], [7, 7, 5, 5, 7], [7, 7, 5, 9, 7]]
    for order in ([0, 1, 2], [2, 1, 0], [1, 0, 2]):
        assert paint_boxes(boxes[order], np.array([5, 7, 9])[order], 3, 5).tolist() == expected


@pytest.mark.parametrize("seed", range(5))
def test_painted_boxes_agree_with_a_loop_over_pixels(seed):
    height, width = 9, 11
    boxes = random_boxes(np.random.default_rng(seed), 6, height, width)
    labels = paint_boxes(boxes, np.arange(1, 7), height, width)
    areas = [(x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in boxes]
    for row in range(height):
        for column in range(width):
            here = [index for index in range(6) if touches(boxes[index], row, column)]
            expected = min(here, key=lambda index: areas[index]) + 1 if here else 0
            assert labels[row, column] == expected


def record(*boxes: list[float]) -> Record:
    names = [f"class {index}" for index in range(len(boxes))]
    edges = np.array(boxes, dtype=np.float32).reshape(-1, 4)
    return Record("p", "p.jpg", "p.xml", 6, 8, edges, names, object_ids=list(range(10, 10 + len(boxes))))


def test_box_that_leaves_the_photograph_is_refused():
    with pytest.raises(InputError) as refusal:
        check_boxes(record([0, 0, 8, 6], [5, 1, 9.5, 4]), clip=False)
    assert str(refusal.value) == (
        "p.xml: box 2 (class 1, [5.0, 1.0, 9.5, 4.0]) leaves its photograph of 8×6 pixels; "
        "mend the annotation, or set clip_boxes: true"
    )


@pytest.mark.parametrize("box", [[2, 2, 2, 5], [5, 2, 3, 4], [8, 1, 9, 3], [1, float("nan"), 4, 5]])
def test_box_of_no_area_is_refused(box):
    with pytest.raises(InputError, match=r"p\.xml: box 1 \(class 0, .*\) has no area inside .*; mend the annotation"):
        check_boxes(record(box), clip=False)


def test_clipping_cuts_and_drops_with_a_warning(caplog):
    with caplog.at_level(logging.WARNING):
        checked = check_boxes(record([-2, 1, 5, 9], [9, 1, 12, 3], [1, 1, 2, 2]), clip=True)
    assert checked.boxes.tolist() == [[0, 1, 5, 6], [1, 1, 2, 2]]
    assert checked.class_names == ["class 0", "class 2"]
    assert checked.object_ids == [10, 12]
    clipped, dropped = (entry.message for entry in caplog.records)
    assert clipped.startswith("clipped: p.xml: box 1 (class 0, [-2.0, 1.0, 5.0, 9.0]) leaves its photograph")
    assert dropped.startswith("dropped: p.xml: box 2 (class 1, [9.0, 1.0, 12.0, 3.0]) has no area inside")


def test_fraction_of_a_pixel_outside_is_cut_without_a_word(caplog):
    with caplog.at_level(logging.WARNING):
        checked = check_boxes(record([-0.4, 0, 8.6, 6]), clip=False)
    assert checked.boxes.tolist() == [[0, 0, 8, 6]]
    assert not caplog.records


def test_boxes_file_of_coco(coco, make_boxes):
    path = make_boxes(coco.settings)
    table = BoxTable([path])
    assert table.classes == ("background", "zebra", "kite")
    assert [image.name for image in table.images] == ["tiny/one", "tiny/sub/two"]
    one = table["tiny/one"]
    assert (one.height, one.width, one.path) == (6, 8, str(coco.images / "one.jpg"))
    assert one.boxes.tolist() == [[1, 1, 5, 4], [3, 2, 5, 4]]
    assert (one.class_ids.tolist(), one.classes) == ([1, 2], [1, 2])
    assert one.box_map(2).astype(int).sum() == 4
    assert table["tiny/sub/two"].classes == [2]
    with open_file(path) as file:
        assert read_strings(file, "skipped/name") == ["three"]
        assert read_strings(file, "skipped/reason") == ["no box of a kept class"]


def test_label_maps_of_a_boxes_file_are_the_painted_boxes(voc, make_boxes):
    path = make_boxes(voc.settings)
    expected = [
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 1, 1, 1, 1, 0, 0, 0],
        [0, 1, 1, 2, 2, 0, 0, 0],
        [0, 1, 1, 2, 2, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
    ]
    assert LabelMaps([path], ("background", "cat", "dog"))["tiny/p"].tolist() == expected


def test_provenance_is_in_the_attributes(voc, make_boxes):
    with open_file(make_boxes(voc.settings, provenance={"rule": "extract_boxes", "settings": {"a": 1}})) as file:
        assert class_table(file) == ("background", "cat", "dog")
        assert (file.attrs["rule"], json.loads(file.attrs["settings"])) == ("extract_boxes", {"a": 1})


def test_tables_of_two_datasets_are_merged_by_name(coco, voc, make_boxes):
    paths = [make_boxes(voc.settings, "first"), make_boxes({**coco.settings, "classes": {}}, "second")]
    assert merged_classes(paths) == ("background", "cat", "dog", "zebra", "kite", "couch")
    table = BoxTable(paths)
    assert len(table) == 3
    assert table["second/one"].classes == [3, 4, 5]
    assert BoxTable(paths[:1], ("background", "dog", "cat"))["first/p"].class_ids.tolist() == [2, 1]


def test_photograph_with_two_entries_is_refused(voc, make_boxes):
    path = make_boxes(voc.settings)
    with pytest.raises(InputError, match=r"boxes\.h5, .*boxes\.h5: two photographs have the same name"):
        BoxTable([path, path])


def test_missing_photograph_is_refused(voc, make_boxes):
    voc.photograph("p").unlink()
    with pytest.raises(InputError, match=r"p\.jpg does not exist; put the file there or take it off the list"):
        make_boxes(voc.settings)


def test_truncated_photograph_is_refused(coco, make_boxes):
    path = coco.images / "one.jpg"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match=r"one\.jpg cannot be read \(.+\); .* set skip_unreadable: true"):
        make_boxes(coco.settings)


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float32])
def test_photograph_of_more_than_8_bits_is_refused_or_skipped(coco, make_boxes, dtype):
    deep = Image.fromarray(np.full((6, 8), 3000, dtype=dtype))
    deep.save(coco.images / "one.jpg", format="TIFF")
    with pytest.raises(InputError, match=r"one\.jpg has pixels of more than 8 bits \(mode .+\); convert it to 8-bit"):
        make_boxes(coco.settings)
    assert BoxTable([make_boxes(coco.settings, skip_unreadable=True)]).names == ["tiny/sub/two"]


def test_photograph_that_is_too_large_for_pillow_is_skipped(coco, make_boxes, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(InputError, match=r"one\.jpg cannot be read \(Image size .+\); .* set skip_unreadable: true"):
        make_boxes(coco.settings)


def test_a_photograph_that_is_listed_twice_is_refused(voc, make_boxes):
    voc.list.write_text("p\nq\np\n")
    with pytest.raises(InputError, match=r"datasets\.tiny: 2 photographs are called 'p' .*; each must be named once"):
        make_boxes(voc.settings)


def test_photograph_of_another_size_is_refused(coco, make_boxes):
    Image.new("RGB", (6, 8)).save(coco.images / "one.jpg")
    message = r"one\.jpg is 6×8 pixels but .*instances\.json, image 11 says 8×6; mend the annotation, or set skip_unr"
    with pytest.raises(InputError, match=message):
        make_boxes(coco.settings)


def test_skipped_photographs_are_listed_with_the_reason(coco, make_boxes, caplog):
    (coco.images / "one.jpg").unlink()
    with caplog.at_level(logging.INFO):
        path = make_boxes(coco.settings, skip_unreadable=True, threads=2)
    assert [image.name for image in BoxTable([path]).images] == ["tiny/sub/two"]
    with open_file(path) as file:
        skipped = dict(zip(read_strings(file, "skipped/name"), read_strings(file, "skipped/reason"), strict=True))
    assert list(skipped) == ["one", "three"]
    assert skipped["one"].endswith("one.jpg does not exist; put the file there or take it off the list")
    assert "1 photographs without a box left out, 1 unreadable skipped" in caplog.text


def test_bad_box_of_a_dataset_is_refused_or_clipped(coco, make_boxes):
    coco.change(107, bbox=[3, 2, 4, 2])
    with pytest.raises(InputError, match=r"instances\.json, image 12: box 1 \(kite, .*\) leaves its .* set clip_boxes"):
        make_boxes(coco.settings)
    table = BoxTable([make_boxes(coco.settings, clip_boxes=True)])
    assert table["tiny/sub/two"].boxes.tolist() == [[3, 2, 5, 4]]


def test_dataset_without_a_box_is_refused(voc, make_boxes):
    voc.list.write_text("q\n")
    with pytest.raises(InputError, match=r"datasets\.tiny: no photograph has a box of a kept class; look at classes"):
        make_boxes(voc.settings)


def test_fraction_is_random_ordered_and_nested():
    names = [f"{index:02d}" for index in range(40)]
    quarter, half = choose_fraction(names, 0.25, 1), choose_fraction(names, 0.5, 1)
    assert (len(quarter), len(half), len(choose_fraction(names, 0.001, 1))) == (10, 20, 1)
    assert set(quarter) < set(half)
    assert half == sorted(half) and half != names[:20]
    assert half == choose_fraction(names, 0.5, 1) != choose_fraction(names, 0.5, 2)
    assert choose_fraction(names, 1.0, 1) == names


def test_fraction_of_a_dataset_is_read(coco, make_boxes):
    sets = set()
    for seed in range(6):
        path = make_boxes({**coco.settings, "fraction": 0.67}, seed=seed)
        with open_file(path) as file:
            seen = [*(image.name for image in BoxTable([path]).images), *read_strings(file, "skipped/name")]
        assert len(seen) == 2
        sets.add(tuple(seen))
    assert len(sets) > 1
