"""Masks in other tools' formats, read back by other readers than those that are ours."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from conftest import photograph_of, write_photograph
from PIL import Image, ImageDraw
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from lpg.annotations.exporters.annotated import Annotated
from lpg.annotations.exporters.registry import EXPORTERS
from lpg.annotations.guess import guess_settings
from lpg.annotations.reader import open_reader
from lpg.errors import InputError
from lpg.pixels.pictures import read_photograph

CLASSES = ("background", "cat", "dog")
RING = np.array(
    [
        [1, 1, 1, 1, 0],
        [1, 0, 0, 1, 0],
        [1, 0, 0, 1, 0],
        [1, 1, 1, 1, 0],
    ],
    dtype=bool,
)
PARTS = np.array([[1, 1, 0, 0, 1], [1, 1, 0, 0, 1]], dtype=bool)


def annotated(masks=(RING, PARTS), **other) -> Annotated:
    """A photograph of 8 × 10 pixels: a ring at the top left and an object in two parts below, called 7 and `b/2`."""
    image = photograph_of(8, 10, [[1, 0, 6, 4], [5, 6, 10, 8]], [1, 2], name="sub/p q", path="there/sub/p q.jpg")
    image.object_ids[:] = [7, "b/2"]
    labels = np.zeros((8, 10), dtype=np.uint8)
    labels[0:4, 1:6] = RING
    labels[6:8, 5:10] = 2 * PARTS
    return Annotated(image, masks, labels, **other)


def export(name: str, folder: Path, photographs=None, source: Path | None = None) -> Path:
    EXPORTERS[name].open()([annotated()] if photographs is None else photographs, CLASSES, folder, source)
    return folder


def test_coco_is_lossless_to_pycocotools(tmp_path):
    coco = COCO(str(export("coco", tmp_path, [annotated(scores=[0.91234, 0.5])]) / "instances.json"))
    ring, parts = (coco.annToMask(coco.anns[key]) for key in (1, 2))
    assert np.array_equal(ring, annotated().whole(0)) and np.array_equal(parts, annotated().whole(1))
    assert coco.imgs[1] == {"id": 1, "file_name": "sub/p q.jpg", "height": 8, "width": 10}
    assert coco.anns[1] | {"segmentation": 0} == {
        "id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 0, 5, 4], "area": 12, "iscrowd": 0, "score": 0.9123,
        "segmentation": 0,
    }  # fmt: skip


def source_of(folder: Path, **changed: dict) -> tuple[Path, dict]:
    """The file that `annotated` was read from, changed, where there may be more that nobody asked about."""
    item = {"id": 7, "image_id": "x", "category_id": 90, "bbox": [1, 0, 5, 4], "attributes": {"by": "Zoë"}}
    image = {"id": "x", "file_name": "sub/p q.jpg", "height": 8, "width": 10, "flickr_url": "u"}
    content = {
        "info": {"year": 2026},
        "images": [image | changed.get("image", {})],
        "annotations": [
            item | changed.get("cat", {}),
            {"id": 9, "image_id": "x", "category_id": 92, "bbox": [0, 0, 1, 1]},
            {"id": "b/2", "image_id": "x", "category_id": 91, "bbox": [5, 6, 5, 2]} | changed.get("dog", {}),
        ],
        "categories": [
            {"id": 90, "name": "cat", "supercategory": "pet"} | changed.get("category", {}),
            {"id": 91, "name": "dog"},
            {"id": 92, "name": "way"},
        ],
    }
    path = folder / "source.json"
    path.write_text(json.dumps(content))
    return path, content


@pytest.mark.parametrize(("own", "written"), [(None, None), ([0.25, 0.5], 0.25)])
def test_a_score_that_the_file_has_is_of_no_new_mask(tmp_path, own, written):
    source, _ = source_of(tmp_path, cat={"score": 0.99})
    content = json.loads((export("coco", tmp_path, [annotated(scores=own)], source) / "instances.json").read_text())
    assert [item.get("score") for item in content["annotations"] if item["id"] == 7] == [written]
    boxes = json.loads(
        (export("coco", tmp_path, [Annotated(annotated().image)], source) / "instances.json").read_text()
    )
    assert [item["score"] for item in boxes["annotations"] if item["id"] == 7] == [0.99]  # no mask, and still its own


def test_all_that_a_coco_file_says_is_kept(tmp_path):
    source, content = source_of(tmp_path)
    written = json.loads((export("coco", tmp_path, source=source) / "instances.json").read_text())
    first, other, _ = content["annotations"]
    assert written["annotations"][1] == other | {"segmentation": {"size": [8, 10], "counts": "`2"}, "area": 0}
    assert {key: value for key, value in written["annotations"][0].items() if key in first} == first
    assert written["annotations"][0]["area"] == 12 and written["annotations"][2]["area"] == 6
    for section in ("info", "images", "categories"):
        assert written[section] == content[section]


def test_half_a_letter_in_a_field_of_others_stays_as_it_was(tmp_path):
    source, content = source_of(tmp_path, cat={"attributes": {"by": "Zo\ud83d"}})
    export("coco", tmp_path, source=source)
    written = json.loads((tmp_path / "instances.json").read_text())
    assert written["annotations"][0]["attributes"] == content["annotations"][0]["attributes"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"cat": {"id": 8}}, "object 7, a cat of sub/p q, is gone"),
        ({"cat": {"id": "b/2"}, "dog": {"id": 7}}, "object 7, a cat of sub/p q, is a dog there"),
        ({"cat": {"bbox": [0, 0, 5, 4]}}, r"object 7, a cat of sub/p q, has the box \[0, 0, 5, 4\] there"),
        ({"cat": {"iscrowd": 1}}, "object 7, a cat of sub/p q, is a crowd there"),
        ({"cat": {"image_id": "y"}}, "object 7, a cat of sub/p q, is on no photograph there"),
        ({"category": {"name": "cow"}}, "object 7, a cat of sub/p q, is a cow there"),
        ({"image": {"file_name": "p q.jpg"}}, "object 7, a cat of sub/p q, is on p q.jpg there"),
        ({"image": {"height": 10, "width": 8}}, "on a photograph of 8×10 pixels there, and was on one of 10×8"),
        ({"dog": {"bbox": [5, 6, 5]}}, "object b/2, a dog of sub/p q, cannot be read"),
    ],
)
def test_masks_are_put_into_no_file_of_other_objects(tmp_path, changed, said):
    source, _ = source_of(tmp_path, **changed)
    with pytest.raises(InputError, match=said) as refused:
        export("coco", tmp_path, source=source)
    assert f"{source} has changed since its boxes were read" in refused.value.fault
    assert refused.value.remedy == "put the old file back, or make the masks again with the same lpg masks"
    assert not (tmp_path / "instances.json").exists()


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"cat": {"bbox": [1.04, -0.5, 5, 4.5], "attributes": {"by": "Zoe"}}},  # cut to its photograph, and rounded
        {"image": {"file_name": "C:\\data\\sub\\p q.png", "height": None}},
        {"image": {"id": 1}, "cat": {"image_id": 1}, "dog": {"image_id": "1"}},
        {"category": {"name": "Cat"}},
    ],
)
def test_a_file_of_the_same_objects_may_be_written_anew(tmp_path, changed):
    source, content = source_of(tmp_path, **changed)
    source.write_text(json.dumps(content, indent=4, sort_keys=True))
    export("coco", tmp_path, source=source)
    assert [item["area"] for item in json.loads((tmp_path / "instances.json").read_text())["annotations"][::2]] == [
        12,
        6,
    ]


def test_an_object_without_a_mask_has_an_empty_one_to_pycocotools_and_to_us(tmp_path, caplog):
    """Of a photograph whose size nobody knows it has none."""
    caplog.set_level("INFO")
    source, content = source_of(tmp_path)
    content["annotations"][1]["segmentation"] = [[]]
    content["images"] += [{"id": "y", "file_name": "b.jpg", "height": 2, "width": 3}, {"id": "z", "file_name": "c.jpg"}]
    boxes = {"category_id": 90, "bbox": [0, 0, 2, 2]}
    content["annotations"] += [{"id": 20, "image_id": "y"} | boxes, {"id": 21, "image_id": "z", "iscrowd": 1} | boxes]
    content["annotations"] = [{"iscrowd": 0} | item for item in content["annotations"]]
    source.write_text(json.dumps(content))
    export("coco", tmp_path, source=source)
    coco = COCO(str(tmp_path / "instances.json"))
    assert [int(coco.annToMask(coco.anns[key]).sum()) for key in (7, 9, "b/2", 20)] == [12, 0, 6, 0]
    assert coco.annToMask(coco.anns[20]).shape == (2, 3)
    assert coco.anns[21]["segmentation"] == []
    scored = COCOeval(coco, coco.loadRes([{**coco.anns[9], "score": 1.0}]), "segm")
    scored.params.imgIds = ["x"]
    scored.evaluate()  # raises an IndexError where a segmentation is an empty list
    assert "3 of 5 objects have no mask: theirs is empty, but for 1 on photographs of unknown size" in caplog.messages
    settings = {"format": "coco", "images": str(tmp_path), "annotations": str(tmp_path / "instances.json")}
    reader = open_reader(settings, "d")
    read = reader.record("sub/p q")
    assert read.object_ids == [7, 9, "b/2"]
    assert [int(mask.sum()) for mask in reader.instance_masks(read)] == [12, 0, 6]
    assert np.array_equal(reader.label_map(read), annotated().labels)


def test_where_no_object_has_a_mask_none_is_empty(tmp_path):
    source, _ = source_of(tmp_path)
    export("coco", tmp_path, [Annotated(annotated().image)], source)
    written = json.loads((tmp_path / "instances.json").read_text())
    assert [item["segmentation"] for item in written["annotations"]] == [[], [], []]


@pytest.mark.parametrize("content", [[], {"images": []}, {"images": [], "annotations": [{}], "categories": []}])
def test_what_is_no_coco_file_any_more_takes_no_masks(tmp_path, content):
    (tmp_path / "source.json").write_text(json.dumps(content))
    with pytest.raises(
        InputError, match=r"source\.json is no COCO file any more .*; put the old file back, or make the"
    ):
        export("coco", tmp_path, source=tmp_path / "source.json")


def test_yolo_keeps_holes_and_parts_in_one_polygon(tmp_path, caplog):
    caplog.set_level("INFO")
    export("yolo", tmp_path)
    lines = (tmp_path / "labels" / "sub" / "p q.txt").read_text().splitlines()
    masks = []
    for line in lines:  # as ultralytics reads them: whole pixels, filled by OpenCV
        points = np.array(line.split()[1:], dtype=float).reshape(-1, 2) * [10, 8]
        masks.append(cv2.fillPoly(np.zeros((8, 10), np.uint8), [points.astype(np.int32)], 1))
    assert np.array_equal(masks[0], annotated().whole(0))
    assert np.count_nonzero(masks[1] != annotated().whole(1)) == 2  # the bridge
    assert [line.split()[0] for line in lines] == ["0", "1"]
    assert yaml.safe_load((tmp_path / "data.yaml").read_text())["names"] == {0: "cat", 1: "dog"}
    assert "2 masks have a mean IoU of 0.875, the worst 0.750" in caplog.text


def test_an_empty_mask_is_no_polygon_and_a_pixel_is_one(tmp_path, caplog):
    pixel = np.zeros((2, 5), dtype=bool)
    pixel[1, 2] = True
    photographs = [annotated(masks=(np.zeros_like(RING), pixel))]
    (line,) = (export("yolo", tmp_path, photographs) / "labels/sub/p q.txt").read_text().splitlines()
    assert np.allclose(np.array(line.split(), dtype=float), [1] + [0.725, 0.90625] * 3)
    (shape,) = json.loads((export("labelme", tmp_path, photographs) / "sub/p q.json").read_text())["shapes"]
    assert shape["points"] == [[7, 7]] * 3
    (picture,) = (export("png", tmp_path / "png", photographs) / "sub").iterdir()
    assert picture.name == "p q__b%2F2.png"
    assert caplog.messages.count("1 objects have an empty mask and are left out") == 3


@pytest.mark.parametrize("names", ["{0: cat, 4: dog}", "[cat, cat, cat, cat, dog]"])
def test_it_is_said_that_yolos_classes_are_numbered_anew(tmp_path, names, caplog):
    """The dog is 4, then 1: what numbers there were no file of ours says."""
    write_photograph(tmp_path / "images" / "a.png", 6, 8)
    (tmp_path / "data.yaml").write_text(f"names: {names}")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "a.txt").write_text("4 0.5 0.5 0.25 0.5")
    places = {"images": str(tmp_path / "images"), "annotations": str(tmp_path / "data.yaml")}
    reader = open_reader({"format": "yolo", **places}, "d")
    caplog.set_level("INFO")
    classes = ("background", *reader.class_names)
    EXPORTERS["yolo"].open()([Annotated(reader.record("a"))], classes, tmp_path / "out", None)
    assert (tmp_path / "out/labels/a.txt").read_text().startswith("1 ")
    assert yaml.safe_load((tmp_path / "out/data.yaml").read_text())["names"] == {0: "cat", 1: "dog"}
    assert "; classes are numbered from 0 as in data.yaml, whatever they were" in caplog.text


def test_voc_gives_each_object_its_number(tmp_path):
    export("voc", tmp_path)
    read = [
        np.asarray(Image.open(tmp_path / kind / "sub/p q.png")) for kind in ("SegmentationClass", "SegmentationObject")
    ]
    assert np.array_equal(read[0], annotated().labels)
    assert np.array_equal(read[1], annotated().whole(0) + 2 * annotated().whole(1))
    (tmp_path / "JPEGImages" / "sub").mkdir(parents=True)
    Image.new("RGB", (10, 8)).save(tmp_path / "JPEGImages" / "sub" / "p q.jpg")
    settings = {"format": "voc", "root": str(tmp_path), "split": "all", "class_names": list(CLASSES[1:])}
    reader = open_reader(settings, "d")
    photograph = reader.record("sub/p q")
    assert np.array_equal(photograph.boxes, annotated().image.boxes)
    assert np.array_equal([*reader.instance_masks(photograph)][1], annotated().whole(1))


@pytest.mark.parametrize("names", [("b", "a-1", "a", "sub/b", "sub/deep/c"), ("sub/b", "other/c")])
def test_vocs_masks_come_back_from_folders_too(tmp_path, names):
    """By whatever command: without a list, all that have an XML count."""
    photographs = [replace(annotated(), image=replace(annotated().image, name=name)) for name in names]
    export("voc", tmp_path, photographs)
    (tmp_path / "Annotations" / ".hidden.xml").touch()
    for name in names:
        write_photograph(tmp_path / "JPEGImages" / f"{name}.jpg", 8, 10)
    reader = open_reader(guess_settings(tmp_path / "JPEGImages", tmp_path, masks=True), "d")
    assert reader.names() == sorted(names)
    for name in names:
        photograph = reader.record(name)
        assert np.array_equal(reader.label_map(photograph), annotated().labels)
        assert np.array_equal([*reader.instance_masks(photograph)][1], annotated().whole(1))


def test_one_png_per_object(tmp_path):
    export("png", tmp_path)
    assert sorted(path.name for path in (tmp_path / "sub").iterdir()) == ["p q__7.png", "p q__b%2F2.png"]
    assert np.array_equal(np.asarray(Image.open(tmp_path / "sub" / "p q__7.png")), 255 * annotated().whole(0))


def test_labelme_has_a_polygon_for_every_part(tmp_path):
    content = json.loads((export("labelme", tmp_path) / "sub" / "p q.json").read_text())
    assert (tmp_path / "sub" / content["imagePath"]).resolve() == Path("there/sub/p q.jpg").resolve()
    assert [(shape["label"], shape["group_id"]) for shape in content["shapes"]] == [("cat", 1), ("dog", 2), ("dog", 2)]
    mask = Image.new("1", (10, 8))
    for shape in content["shapes"][1:]:  # as labelme draws them
        ImageDraw.Draw(mask).polygon([tuple(point) for point in shape["points"]], outline=1, fill=1)
    assert np.array_equal(np.asarray(mask), annotated().whole(1))


def test_labelme_finds_the_photograph_from_behind_a_link(tmp_path):
    """Opened by a tool, `..` leads from where the file really lies."""
    write_photograph(tmp_path / "images" / "a.png", 8, 10)
    (tmp_path / "disk" / "deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "disk" / "deep")
    image = photograph_of(8, 10, [[1, 0, 6, 4]], [1], path=tmp_path / "images" / "a.png")
    for folder in (tmp_path / "link", tmp_path / "link" / "new"):
        content = json.loads((export("labelme", folder, [Annotated(image)]) / "a.json").read_text())
        assert (folder / content["imagePath"]).is_file()


def test_boxes_alone_are_exported_too(tmp_path):
    boxes = [Annotated(annotated().image)]
    for name in ("coco", "yolo", "voc", "labelme", "csv"):
        export(name, tmp_path / name, boxes)
    assert json.loads((tmp_path / "coco" / "instances.json").read_text())["annotations"][0]["segmentation"] == []
    line = (tmp_path / "yolo/labels/sub/p q.txt").read_text().splitlines()[0]
    assert line == "0 0.350000 0.250000 0.500000 0.500000"
    shape = json.loads((tmp_path / "labelme/sub/p q.json").read_text())["shapes"][0]
    assert (shape["shape_type"], shape["points"]) == ("rectangle", [[1, 0], [6, 4]])
    with open(tmp_path / "csv" / "boxes.csv", newline="") as file:
        assert list(csv.reader(file))[1] == ["sub/p q.jpg", "1", "0", "6", "4", "cat", "7"]
    with pytest.raises(InputError, match="has boxes and no masks"):
        export("png", tmp_path, boxes)


@pytest.mark.parametrize("name", ["yolo", "labelme"])
@pytest.mark.parametrize("seed", range(4))
def test_masks_and_boxes_come_back_through_our_own_reader(tmp_path, name, seed):
    """Disks and parts of one, to the last pixel; a mask touches the sides of its box."""
    rows, columns = np.mgrid[:9, :11]
    rng = np.random.default_rng(seed)
    masks = [np.hypot(rows - 4, columns - 5) < radius for radius in rng.uniform(3, 7, 2)]
    masks[1][:, 6] = name == "yolo"  # labelme has parts, YOLO bridges
    masks = [mask[np.ix_(mask.any(axis=1), mask.any(axis=0))] for mask in masks]
    path = tmp_path / "images" / "a.png"
    write_photograph(path, 20, 30)
    boxes = [
        [x, y, x + mask.shape[1], y + mask.shape[0]] for mask, (x, y) in zip(masks, [(0, 0), (18, 9)], strict=True)
    ]
    given = Annotated(photograph_of(20, 30, boxes, [1, 2], path=path), masks)
    place = export(name, tmp_path / "out", [given])
    settings = {"format": name, "images": str(path.parent), "annotations": str(place)}
    reader = open_reader(settings, "d")
    photograph = reader.record("a")
    assert photograph.boxes.tolist() == boxes
    for index, mask in enumerate(reader.instance_masks(photograph)):
        assert np.array_equal(mask, given.whole(index))


FULL, DIAMOND, SLANTED = (
    np.array(rows, dtype=bool)
    for rows in (
        [[1] * 5] * 3,
        [[0, 0, 1, 0, 0], [0, 1, 1, 1, 0], [1] * 5, [0, 1, 1, 1, 0], [0, 0, 1, 0, 0]],
        [[0, 0, 1, 1], [0, 1, 1, 0], [1, 1, 0, 0]],
    )
)


@pytest.mark.parametrize("name", ["yolo", "labelme"])
@pytest.mark.parametrize(
    "shapes",
    [(FULL,), (FULL, FULL.T), (DIAMOND,), (FULL, DIAMOND), (SLANTED,), (FULL[:1],), (FULL[:2, :2],), (FULL[:1, :1],)],
)
def test_masks_of_four_corners_are_no_oriented_boxes(tmp_path, name, shapes):
    """A set of masks that fill their boxes, or whose outlines have four corners by chance."""
    path = tmp_path / "images" / "a.png"
    write_photograph(path, 23, 31)
    places = [(3, 7), (20, 18)][: len(shapes)]
    boxes = [[x, y, x + mask.shape[1], y + mask.shape[0]] for mask, (x, y) in zip(shapes, places, strict=True)]
    given = Annotated(photograph_of(23, 31, boxes, [1] * len(boxes), path=path), shapes)
    place = export(name, tmp_path / "out", [given])
    reader = open_reader({"format": name, "images": str(path.parent), "annotations": str(place)}, "d")
    photograph = reader.record("a")
    assert photograph.boxes.tolist() == boxes
    masks = [*reader.instance_masks(photograph)]
    assert len(masks) == len(shapes)
    for index, mask in enumerate(masks):
        assert np.array_equal(mask, given.whole(index))


@pytest.mark.parametrize("name", ["yolo", "labelme"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("alone", [False, True])
def test_tools_that_turn_photographs_get_boxes_and_masks_turned(tmp_path, name, orientation, alone):
    """A white object on black, as it is stored; read back, it is where a viewer shows it."""
    white = np.zeros((6, 9), dtype=np.uint8)
    white[1:4, 2:4] = white[3, 2:8] = 255
    (tmp_path / "images").mkdir()
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(white).save(tmp_path / "images" / "a.png", exif=exif)
    image = photograph_of(6, 9, [[2, 1, 8, 4]], [1], path=tmp_path / "images" / "a.png")
    stored = Annotated(image) if alone else Annotated(image, [white[1:4, 2:8] > 0], white // 255)
    place = export(name, tmp_path / "out", [stored])
    reader = open_reader({"format": name, "images": str(tmp_path / "images"), "annotations": str(place)}, "d")
    photograph = reader.record("a")
    seen = read_photograph(image.path, upright=True)[:, :, 0] > 0
    assert (photograph.height, photograph.width) == seen.shape
    rows, columns = (np.flatnonzero(seen.any(axis=axis)) for axis in (1, 0))
    assert np.allclose(photograph.boxes, [[columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]], atol=1e-4)
    if not alone:
        assert np.array_equal(next(iter(reader.instance_masks(photograph))), seen)


@pytest.mark.parametrize(("name", "told"), [("yolo", 1), ("labelme", 1), ("csv", 0)])
def test_where_photographs_are_gone_and_may_be_turned_it_is_told(tmp_path, caplog, name, told):
    images = [photograph_of(6, 9, [[2, 1, 8, 4]], [1], name=f"d/{one}", path=tmp_path / f"{one}.png") for one in "ab"]
    Image.new("RGB", (9, 6)).save(images[1].path)
    upright = replace(images[0], name="d/c", upright=True)
    export(name, tmp_path / "out", map(Annotated, [*images, upright]))
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == told
    assert not told or warnings[0].startswith(f"1 photographs are not there, such as {images[0].path}: if EXIF turns")


def test_what_is_read_upright_stays_as_it_is(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (9, 6)).save(tmp_path / "a.png", exif=exif)
    image = replace(photograph_of(9, 6, [[1, 2, 3, 6]], [1], path=tmp_path / "a.png"), upright=True)
    (shape,) = json.loads((export("labelme", tmp_path, [Annotated(image)]) / "a.json").read_text())["shapes"]
    assert shape["points"] == [[1, 2], [3, 6]]
