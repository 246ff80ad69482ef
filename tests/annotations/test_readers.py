"""Readers of COCO's and VOC's layouts."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import records, voc_object, voc_xml, write_photograph
from pycocotools import mask as rle

from lpg.annotations.coco import CocoAnnotations
from lpg.annotations.reader import Reader, open_reader
from lpg.annotations.texts import open_annotations, read_text, read_xml
from lpg.annotations.voc import VocAnnotations
from lpg.errors import InputError
from lpg.photograph import Photograph
from lpg.pixels.pictures import write_palette_mask
from lpg.pixels.rle import _compressed_runs


def classes_of(reader: Reader, photograph: Photograph) -> list[str]:
    return [reader.class_names[class_id - 1] for class_id in photograph.class_ids]


def test_coco_boxes_have_edges_in_pixels_and_no_crowds(coco):
    reader = open_reader(coco.settings, "datasets.tiny")
    one, two, three = records(reader)
    assert reader.class_names == ["zebra", "kite"]
    assert list(reader.names()) == ["one", "sub/two", "three"]
    assert one.boxes.tolist() == [[1, 1, 5, 4], [3, 2, 5, 4]]
    assert classes_of(reader, one) == ["zebra", "kite"]
    assert (one.height, one.width) == (6, 8)
    assert (two.name, two.path) == ("sub/two", coco.images / "sub/two.jpg")
    assert (one.id, one.object_ids, one.source) == (11, [101, 102], f"{coco.annotations}, image 11")
    assert two.boxes.tolist() == [[0, 0, 2, 2]]
    assert three.boxes.shape == (0, 4)


def test_coco_boxes_of_excluded_classes_are_read_and_their_crowds_too(coco):
    one, two, three = records(open_reader(coco.settings, "datasets.tiny"))
    assert one.excluded.tolist() == [[6, 0, 8, 2]]
    assert two.excluded.shape == three.excluded.shape == (0, 4)  # a crowd of a kept class is none
    reader = CocoAnnotations(images=coco.images, annotations=coco.annotations, keep=["kite", "couch"])
    assert reader.record("one").excluded.tolist() == [[1, 1, 5, 4], [0, 5, 8, 6]]
    assert reader.record("three").excluded.tolist() == [[0, 0, 5, 4]]
    assert reader.record("one").boxes.tolist() == [[3, 2, 5, 4], [6, 0, 8, 2]]
    every = CocoAnnotations(images=coco.images, annotations=coco.annotations)
    assert [len(every.record(name).excluded) for name in every.names()] == [0, 0, 0]


def test_photographs_may_be_asked_for_by_name(coco):
    reader = open_reader(coco.settings, "datasets.tiny")
    assert [photograph.id for photograph in records(reader, ["three", "one"])] == [40, 11]


def test_coco_classes_are_ordered_by_category_id(coco):
    reader = CocoAnnotations(images=coco.images, annotations=coco.annotations)
    assert reader.class_names == ["zebra", "kite", "couch"]


def test_coco_label_map_has_small_objects_on_top_and_crowds_void(coco):
    reader = open_reader(coco.settings, "datasets.tiny")
    expected = [
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 1, 1, 1, 1, 0, 0, 0],
        [0, 1, 1, 2, 2, 0, 0, 0],
        [0, 1, 1, 2, 2, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [255, 255, 255, 255, 255, 255, 255, 255],
    ]
    assert reader.label_map(reader.record("one")).tolist() == expected


def test_coco_crowd_of_an_excluded_class_is_background(coco):
    reader = CocoAnnotations(images=coco.images, annotations=coco.annotations, keep=["kite", "couch"])
    expected = [
        [0, 0, 0, 0, 0, 0, 2, 2],
        [0, 0, 0, 0, 0, 0, 2, 2],
        [0, 0, 0, 1, 1, 0, 0, 0],
        [0, 0, 0, 1, 1, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
    ]
    assert reader.label_map(reader.record("one")).tolist() == expected


def test_coco_object_lies_on_top_of_a_crowd(coco):
    coco.change(104, segmentation={"size": [6, 8], "counts": [0, 48]})
    reader = open_reader(coco.settings, "datasets.tiny")
    labels = reader.label_map(reader.record("one"))
    assert labels[1].tolist() == [255, 1, 1, 1, 1, 255, 255, 255]


def test_coco_instance_masks_overlap_as_annotated(coco):
    reader = open_reader(coco.settings, "datasets.tiny")
    zebra, kite = reader.instance_masks(reader.record("one"))
    assert zebra[1:4, 1:5].all() and zebra.sum() == 12
    assert kite[2:4, 3:5].all() and kite.sum() == 4
    (two,) = reader.instance_masks(reader.record("sub/two"))
    assert two.tolist() == [[1, 1, 0, 0, 0], [1, 1, 0, 0, 0], [0] * 5, [0] * 5]


def test_coco_file_that_is_missing_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no\.json cannot be read \(No such file.*\); mend the path or restore"):
        CocoAnnotations(images=tmp_path, annotations=tmp_path / "no.json")


@pytest.mark.parametrize(
    ("read", "opens"), [(read_text, "read_text"), (open_annotations, "open"), (read_xml, "read_bytes")]
)
def test_annotations_of_somebody_else_are_whole(tmp_path, monkeypatch, read, opens):
    def deny(path, *_, **__) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, opens, deny)
    with pytest.raises(
        InputError, match=r"a\.xml cannot be read \(Permission denied\); give this user the right to read it$"
    ):
        read(tmp_path / "a.xml")


def test_coco_file_that_is_not_json_is_refused(coco):
    coco.annotations.write_text(coco.annotations.read_text()[:100])
    with pytest.raises(InputError, match=r"instances\.json is not valid JSON \(.+\); mend or restore the file"):
        open_reader(coco.settings, "datasets.tiny")


def test_coco_file_without_categories_is_refused(coco):
    coco.annotations.write_text(json.dumps({"images": [], "annotations": []}))
    with pytest.raises(InputError, match=r"instances\.json has no 'categories': a COCO instances file has images"):
        open_reader(coco.settings, "datasets.tiny")


@pytest.mark.parametrize(("key", "section"), [("image_id", "images"), ("category_id", "categories")])
def test_coco_annotation_of_nothing_is_refused(coco, key, section):
    coco.change(102, **{key: 999})
    message = rf"annotation 102 has the {key} 999, which is not in {section}; add it there, or drop the annotation$"
    with pytest.raises(InputError, match=message):
        open_reader(coco.settings, "datasets.tiny")


@pytest.mark.parametrize(
    "segmentation, message",
    [
        (None, r"annotation 102 has no mask; add one, drop the annotation, or "),
        ([], r"annotation 102 has no mask; add one, drop the annotation, or "),
        ({"size": [6, 8], "counts": [10, 5, 34]}, r"annotation 102 is malformed \(.*49.*\); mend or drop it"),
        ([1, 1, 5, 1, 5, 4], r"annotation 102 is malformed \(a list of numbers, where polygons are lists in a list: "),
        ([[3, 2, 2, 2]], r"annotation 102 is malformed \(a polygon of 4 numbers: x and y of three points or more"),
        ([[1, 1, 5, 1, 5, 4, 1]], r"annotation 102 is malformed \(a polygon of 7 numbers"),
        (
            [[1, 1, 2e8, 1, 5, 4]],
            r"annotation 102 is malformed \(a polygon with a point far from its photograph of 8×6",
        ),
        ([[1, 1, float("nan"), 1, 5, 4]], r"annotation 102 is malformed \(a polygon with a point far from"),
        ({"size": [6, 8], "counts": [10, 5]}, r"annotation 102 is malformed \(.*15.*\); mend or drop it"),
        ({"size": [6, 8], "counts": [60, -12]}, r"annotation 102 is malformed \(a run of it is negative or no whole"),
        ([[1, 2]], r"annotation 102 is malformed"),
        ({"size": [6, 8], "counts": "n1"}, r"annotation 102 is malformed \(.*62.*\); mend or drop it"),
        ({"size": [6, 8], "counts": "n"}, r"annotation 102 is malformed \(its counts end in the middle of a run\)"),
        ({"size": [8, 6], "counts": [0, 48]}, r"annotation 102 is 6×8 pixels but its photograph is 8×6; mend it"),
    ],
)
def test_coco_mask_that_is_no_mask_is_refused(coco, segmentation, message):
    coco.change(102, segmentation=segmentation)
    reader = open_reader(coco.settings, "datasets.tiny")
    with pytest.raises(InputError, match=rf"instances\.json, image 11: .*{message}"):
        reader.label_map(reader.record("one"))


@pytest.mark.parametrize("seed", range(5))
def test_compressed_runs_are_pycocotools(seed):
    rng = np.random.default_rng(seed)
    mask = (rng.random(tuple(rng.integers(1, 90, 2))) < rng.random()).astype(np.uint8)
    flat = mask.ravel(order="F")
    expected = np.diff([0, *(np.flatnonzero(np.diff(flat)) + 1), flat.size]).tolist()
    expected = [0, *expected] if flat[0] else expected
    assert _compressed_runs(rle.encode(np.asfortranarray(mask))["counts"]) == expected


def test_coco_ids_may_be_numbers_and_text_in_one_list(coco):
    content = json.loads(coco.annotations.read_text())
    for number, key in enumerate(["101", 102, "b", "07", 7]):
        content["annotations"][number]["id"] = key
    coco.annotations.write_text(json.dumps(content))
    assert open_reader(coco.settings, "d").record("one").object_ids == ["101", 102]


@pytest.mark.parametrize(
    ("section", "change", "message"),
    [
        (
            "images",
            lambda items: items[1].pop("file_name"),
            r"images\[1\] has no 'file_name'; add it or drop the entry",
        ),
        (
            "annotations",
            lambda items: items[0].pop("bbox"),
            r"annotations\[0\] \(id 101\) has no 'bbox'; add it or drop the",
        ),
        ("annotations", lambda items: items.append(items[0]), r"two annotations have the id 101; give one of them an"),
        (
            "annotations",
            lambda items: items.append({**items[0], "id": "101"}),
            r"two annotations have the id 101; give one of them an",
        ),
        (
            "images",
            lambda items: items.append({**items[0], "id": "11"}),
            r"two images have the id 11; give one of them",
        ),
        (
            "annotations",
            lambda items: items[1].update(bbox=[1, 2, 3]),
            r"annotations\[1\] \(id 102\) has the bbox \[1, 2, 3\], which is not four numbers of pixels, x y wi",
        ),
        ("annotations", lambda items: items[0].update(bbox=["a", 1, 2, 3]), r"annotations\[0\] .* the bbox \['a', 1"),
        (
            "annotations",
            lambda items: items[0].update(bbox=[1, 2, 3, 10**400]),
            r"annotations\[0\] .* the bbox \[1, 2, 3",
        ),
        (
            "images",
            lambda items: items[0].update(width="8"),
            r"images\[0\] has the width '8', which is not a number of pi",
        ),
        (
            "images",
            lambda items: items[0].update(file_name=""),
            r"images\[0\] has the file_name '', which names no file",
        ),
        (
            "images",
            lambda items: items[0].update(file_name="../gone.jpg"),
            r"images\[0\] has the file_name '\.\./gone\.jpg', which leads out of the folder images",
        ),
        (
            "images",
            lambda items: items[2].update(file_name="/tmp/x.jpg"),
            r"images\[2\] has the file_name '/tmp/x\.jpg', which is absolute: a name is relative to the folder images",
        ),
        (
            "images",
            lambda items: items[2].update(file_name="C:\\pets\\x.jpg"),
            r"images\[2\] has the file_name 'C:/pets/x\.jpg', which is absolute",
        ),
        (
            "images",
            lambda items: items[2].update(file_name="https://pets.org/x.jpg"),
            r"images\[2\] has the file_name 'https://pets\.org/x\.jpg', a URL: photographs are read from",
        ),
        (
            "categories",
            lambda items: items[0].update(name=" "),
            r"categories\[0\] has the name ' ', which is not the name of a class; mend",
        ),
        ("annotations", lambda items: items.insert(1, 5), r"annotations\[1\] is 5 and no object; mend it or drop the"),
        (
            "annotations",
            lambda items: items[3].update(id=[1]),
            r"annotations\[3\] .* has the id \[1\], which is not a whole number or text; mend it or drop",
        ),
        (
            "annotations",
            lambda items: items[0].update(image_id={}),
            r"annotations\[0\] .* has the image_id {}, which is not a whole number or text; mend it",
        ),
    ],
)
def test_coco_entries_that_are_incomplete_doubled_or_malformed_are_refused(coco, section, change, message):
    content = json.loads(coco.annotations.read_text())
    change(content[section])
    coco.annotations.write_text(json.dumps(content))
    with pytest.raises(InputError, match=rf"instances\.json: {message}"):
        open_reader(coco.settings, "datasets.tiny")


@pytest.mark.parametrize("line", [".", "/", ".."])
def test_a_line_that_is_no_name_is_refused(coco, tmp_path, line):
    (tmp_path / "some.txt").write_text(f"{line}\n")
    reader = open_reader({**coco.settings, "split": str(tmp_path / "some.txt")}, "datasets.tiny")
    with pytest.raises(InputError, match=r"some\.txt"):
        reader.names()


def test_coco_may_be_split_by_a_list(coco, tmp_path):
    (tmp_path / "some.txt").write_text("sub/two\n\n  one.jpg  \n")
    reader = open_reader({**coco.settings, "split": str(tmp_path / "some.txt")}, "datasets.tiny")
    assert reader.names() == ["sub/two", "one"]
    assert [photograph.name for photograph in records(reader)] == ["sub/two", "one"]
    (tmp_path / "some.txt").write_text("four\n")
    with pytest.raises(InputError, match=r"some\.txt: .*instances\.json has no image 'four'; mend the list"):
        reader.names()


@pytest.mark.parametrize("class_names", [["background", "cat", "dog", "tree"], ["cat", "dog", "tree", "cat"]])
def test_a_class_table_of_voc_with_a_background_or_a_class_twice_is_refused(voc, class_names):
    with pytest.raises(
        InputError, match=r"^datasets\.tiny: class_names has 'background' in it.* or a class twice; name"
    ):
        open_reader(voc.settings | {"class_names": class_names}, "datasets.tiny")


def test_voc_boxes_count_from_one_and_difficult_objects_count(voc):
    reader = open_reader(voc.settings, "datasets.tiny")
    p, q = records(reader)
    assert reader.class_names == ["cat", "dog"]
    assert p.boxes.tolist() == [[1, 1, 5, 4], [3, 2, 5, 4]]
    assert classes_of(reader, p) == ["cat", "dog"]
    assert (p.height, p.width, p.path) == (6, 8, voc.photograph("p"))
    assert (p.id, p.object_ids, p.source) == ("p", [1, 2], str(voc.xml("p")))
    assert q.boxes.shape == (0, 4)


def test_voc_boxes_of_excluded_classes_are_read(voc):
    p, q = records(open_reader(voc.settings, "datasets.tiny"))
    assert p.excluded.tolist() == [[6, 0, 8, 2]]
    assert q.excluded.tolist() == [[0, 0, 5, 4]]
    assert p.excluded.dtype == p.boxes.dtype == np.float32
    (all_three, _) = records(open_reader(voc.settings | {"classes": {}}, "datasets.tiny"))
    assert (len(all_three.boxes), all_three.excluded.shape) == (3, (0, 4))


def test_voc_objects_are_numbered_as_they_stand_in_their_file(voc):
    voc.xml("p").write_text(voc_xml(6, 8, voc_object("tree", "7 1 8 2"), voc_object("cat", "2 2 5 4")))
    assert open_reader(voc.settings, "datasets.tiny").record("p").object_ids == [2]


def test_voc_label_map_renumbers_kept_classes_and_keeps_void(voc):
    reader = open_reader(voc.settings, "datasets.tiny")
    expected = [
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 1, 1, 1, 255, 0, 0, 0],
        [0, 1, 1, 2, 2, 0, 0, 0],
        [0, 255, 1, 2, 2, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 255],
    ]
    assert reader.label_map(reader.record("p")).tolist() == expected


def test_voc_instance_mask_is_the_class_inside_the_box_where_there_are_no_objects(voc):
    reader = open_reader(voc.settings, "datasets.tiny")
    cat, dog = reader.instance_masks(reader.record("p"))
    assert cat[1:4, 1:5].tolist() == [[1, 1, 1, 0], [1, 1, 0, 0], [0, 1, 0, 0]]
    assert cat.sum() == 6
    assert dog[2:4, 3:5].all() and dog.sum() == 4


# Objects 3 and 7 are cats side by side, 2 a dog, 5 a tree, which is not kept; 255 is void.
OBJECTS = np.array(
    [
        [3, 3, 3, 7, 7, 7, 0, 5, 5],
        [3, 3, 3, 7, 7, 7, 0, 5, 5],
        [3, 3, 2, 2, 7, 7, 0, 5, 5],
        [0, 255, 2, 2, 0, 0, 0, 0, 0],
    ],
    dtype=np.uint8,
)
CLASSES = np.array([0, 0, 3, 1, 0, 2, 0, 1], dtype=np.uint8)  # of the objects; cat, tree, dog


def write_objects(voc, *boxes: tuple[str, str]) -> list[list[list[int]]]:
    """Photograph `p` with OBJECTS and boxes (class, edges from 1 on); the masks that the boxes of cats and dogs get."""
    write_photograph(voc.photograph("p"), 4, 9)
    voc.xml("p").write_text(voc_xml(4, 9, *(voc_object(*box) for box in boxes)))
    write_palette_mask(voc.mask("p"), np.where(OBJECTS == 255, 255, CLASSES[OBJECTS % 8]))
    write_palette_mask(voc.objects("p"), OBJECTS)
    reader = open_reader(voc.settings, "datasets.tiny")
    return [mask.tolist() for mask in reader.instance_masks(reader.record("p"))]


def test_voc_objects_are_matched_to_the_boxes_they_fit(voc):
    masks = write_objects(voc, ("cat", "4 1 6 3"), ("tree", "8 1 9 3"), ("cat", "1 1 3 3"), ("dog", "3 3 4 4"))
    assert masks == [(index == OBJECTS).astype(int).tolist() for index in (7, 3, 2)]


def test_a_voc_box_without_an_object_has_an_empty_mask(voc):
    elsewhere, exact, looser = write_objects(voc, ("cat", "7 4 9 4"), ("cat", "4 1 6 3"), ("cat", "3 1 7 4"))
    assert np.array_equal(exact, OBJECTS == 7)
    assert not np.any(elsewhere)
    assert not np.any(looser)  # the object that it might have had serves the box that fits better


def test_a_voc_object_of_another_class_is_no_boxs_mask(voc):
    (dog,) = write_objects(voc, ("dog", "1 1 3 3"))
    assert not np.any(dog)


def test_voc_objects_of_another_size_are_refused(voc):
    write_palette_mask(voc.objects("p"), np.zeros((5, 8), dtype=np.uint8))
    reader = open_reader(voc.settings, "datasets.tiny")
    message = r"SegmentationObject/p\.png is 8×5 pixels but its photograph is 8×6; replace the mask$"
    with pytest.raises(InputError, match=message) as refusal:
        reader.instance_masks(reader.record("p"))
    assert refusal.value.permission == "skip_unreadable"


def test_an_annotation_may_end_in_capitals(voc):
    voc.xml("p").rename(voc.xml("p").with_suffix(".XML"))
    reader = open_reader({**voc.settings, "split": None}, "datasets.tiny")
    assert reader.names() == ["p", "q"]
    assert len(reader.record("p").boxes) and reader.record("p").source.endswith("p.XML")


def test_voc_list_may_lie_anywhere(voc, tmp_path):
    (tmp_path / "mine.txt").write_text("q  1\n\np -1\n")
    reader = open_reader({**voc.settings, "split": str(tmp_path / "mine.txt")}, "datasets.tiny")
    assert reader.names() == ["q", "p"]


def test_folders_beside_photographs_and_xml_of_one_folder_are_none_of_voc(tmp_path):
    """Such as those of an export."""
    for name in ("a", "out/Annotations/b"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"{name}.xml").write_text(voc_xml(6, 8, voc_object("cat", "2 2 5 4")))
    assert VocAnnotations(root=tmp_path).names() == ["a"]


def test_a_photograph_of_a_folder_without_masks_lacks_its_own(voc):
    write_photograph(voc.photograph("sub/r"), 6, 8)
    voc.xml("sub/r").parent.mkdir()
    voc.xml("sub/r").write_text(voc_xml(6, 8, voc_object("cat", "2 2 5 4")))
    reader = open_reader(voc.settings, "datasets.tiny")
    with pytest.raises(InputError, match=r"SegmentationClass/sub/r\.png does not exist; put the file there") as refusal:
        reader.label_map(reader.record("sub/r"))
    assert refusal.value.permission == "skip_unreadable"


def test_voc_has_twenty_classes_by_default(voc):
    assert len(VocAnnotations(root=voc.root, split="train").class_names) == 20


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"p\nq\xe9\n", r"train\.txt: the list of images is not UTF-8 \(.+\); save it as UTF-8"),
        (b"p\n../q\n", r"train\.txt: the name '\.\./q' leads out of the folder of the images; mend the list"),
    ],
)
def test_voc_list_that_is_no_list_is_refused(voc, content, message):
    voc.list.write_bytes(content)
    with pytest.raises(InputError, match=message):
        open_reader(voc.settings, "datasets.tiny").names()


def test_voc_list_may_begin_with_a_byte_order_mark_and_photographs_end_in_capitals(voc):
    voc.list.write_bytes(b"\xef\xbb\xbfp\n")
    voc.photograph("p").rename(voc.photograph("p").with_suffix(".JPG"))
    (photograph,) = records(open_reader(voc.settings, "datasets.tiny"))
    assert photograph.path.is_file()


def test_coco_sections_that_are_no_lists_are_refused(coco):
    content = json.loads(coco.annotations.read_text())
    coco.annotations.write_text(json.dumps(content | {"images": {"11": "one.jpg"}}))
    with pytest.raises(InputError, match=r"instances\.json: 'images' is no list; COCO"):
        open_reader(coco.settings, "datasets.tiny")
    coco.annotations.write_text("5")
    with pytest.raises(InputError, match=r"instances\.json holds no object; a COCO instances file has images, annot"):
        open_reader(coco.settings, "datasets.tiny")


def test_voc_list_that_is_missing_is_refused(voc):
    voc.list.unlink()
    with pytest.raises(InputError, match=r"train\.txt: cannot read the list of images \(No such file.*\); mend the"):
        open_reader(voc.settings, "datasets.tiny").names()


def test_voc_annotation_that_is_missing_is_refused(voc):
    voc.xml("q").unlink()
    with pytest.raises(InputError, match=r"q\.xml does not exist, though .*train\.txt names it; restore it") as refusal:
        records(open_reader(voc.settings, "datasets.tiny"))
    assert refusal.value.permission == "skip_unreadable"


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("</annotation>", "", r"p\.xml is not valid XML \(.+\); mend or restore the file"),
        ("<name>cat</name>", "", r"p\.xml: object 1 has no name; mend the file"),
        ("<name>cat</name>", "<name/>", r"p\.xml: object 1 has no name; mend the file"),
        ("<xmin>2</xmin>", "<xmin>two</xmin>", r"p\.xml: object 1 \(cat\) has the xmin 'two' in its bndbox; mend the"),
        ("<ymax>4</ymax>", "", r"p\.xml: object 1 \(cat\) has the ymax None in its bndbox; mend the file"),
        ("<name>cat</name>", "<name>cow</name>", r"p\.xml: class 'cow' is not in class_names \(cat, tree, dog\); mend"),
    ],
)
def test_voc_annotation_that_is_wrong_is_refused(voc, old, new, message):
    text = voc.xml("p").read_text()
    assert old in text
    voc.xml("p").write_text(text.replace(old, new, 1))
    with pytest.raises(InputError, match=message):
        records(open_reader(voc.settings, "datasets.tiny"))


@pytest.mark.parametrize(
    "mask, message",
    [
        (np.zeros((8, 6)), r"p\.png is 6×8 pixels but its photograph is 8×6; replace the mask$"),
        (np.full((6, 8), 4), r"p\.png holds the id 4, which class_names does not name; mend one of them"),
        (None, r"p\.png does not exist; put the file there"),
    ],
)
def test_voc_mask_that_is_no_mask_is_refused(voc, mask, message):
    voc.mask("p").unlink()
    if mask is not None:
        write_palette_mask(voc.mask("p"), mask.astype(np.uint8))
    reader = open_reader(voc.settings, "datasets.tiny")
    with pytest.raises(InputError, match=message):
        reader.label_map(reader.record("p"))


def test_benchmark_has_2311_boxes_of_sixty_classes_on_482_photographs(benchmark):
    reader = CocoAnnotations(
        images=benchmark / "coco/images", annotations=benchmark / "coco/annotations/instances.json", exclude="voc"
    )
    photographs = records(reader)
    assert (len(reader.class_names), len(photographs)) == (60, 549)
    assert sum(len(photograph.boxes) > 0 for photograph in photographs) == 482
    assert sum(len(photograph.boxes) for photograph in photographs) == 2311


def test_benchmark_has_15_crowds_beside_its_boxes(benchmark):
    path = benchmark / "coco/annotations/instances.json"
    content = json.loads(path.read_text())
    reader = CocoAnnotations(images=benchmark / "coco/images", annotations=path, exclude="voc")
    kept = {item["id"] for item in content["categories"] if item["name"] in reader.class_names}
    crowds = [item for item in content["annotations"] if item["category_id"] in kept and item["iscrowd"]]
    boxed = {key for photograph in records(reader) for key in photograph.object_ids}
    assert len(crowds) == 15
    assert not boxed & {item["id"] for item in crowds}


# What tools really write.


def rewrite(coco, **changes) -> None:
    """Change a section of the instances file by a function of its entries."""
    content = json.loads(coco.annotations.read_text())
    for section, change in changes.items():
        for item in content[section]:
            change(item)
    coco.annotations.write_text(json.dumps(content))


def test_all_faults_of_a_file_are_named_at_once(coco, caplog):
    rewrite(coco, images=lambda item: item.pop("file_name"), annotations=lambda item: item.update(bbox=[item["id"]]))
    with pytest.raises(
        InputError, match=r"instances\.json has 9 faults, they stand above; the first: .*images\[0\] has"
    ):
        open_reader(coco.settings, "datasets.tiny")
    assert [entry.message.split(": ", 1)[1] for entry in caplog.records][2:5] == [
        "images[2] has no 'file_name'",
        "annotations[0] (id 101) has the bbox [101], which is not four numbers of pixels, x y width height",
        "annotations[1] (id 102) has the bbox [102], which is not four numbers of pixels, x y width height",
    ]


@pytest.mark.parametrize(
    "size", [{}, {"height": None, "width": 8}, {"height": 0, "width": 0}, {"height": float("nan")}]
)
def test_coco_size_that_is_not_stated_is_0(coco, size):
    def change(item):
        del item["height"], item["width"]
        item |= size

    rewrite(coco, images=change)
    assert {(image.height, image.width) for image in records(open_reader(coco.settings, "datasets.tiny"))} == {(0, 0)}


def test_coco_ids_that_are_text_in_one_list_and_numbers_in_another_are_one(coco, caplog):
    rewrite(coco, images=lambda item: item.update(id=str(item["id"])))
    rewrite(coco, annotations=lambda item: item.update(category_id=str(item["category_id"])))
    one, two, _ = records(open_reader(coco.settings, "datasets.tiny"))
    assert (one.id, one.boxes.tolist()) == ("11", [[1, 1, 5, 4], [3, 2, 5, 4]])
    assert two.boxes.tolist() == [[0, 0, 2, 2]]
    assert "the image_id of 6 annotations is text where the id in images is a number, or the reverse" in caplog.text


def test_coco_crowds_are_objects_where_every_annotation_is_one(coco, caplog):
    rewrite(coco, annotations=lambda item: item.update(iscrowd=1))
    reader = open_reader(coco.settings, "datasets.tiny")
    one, _, three = records(reader)
    assert "every annotation is iscrowd: 1, so each is taken for one object" in caplog.text
    assert (one.object_ids, three.object_ids) == ([101, 102, 104], [108])
    assert reader.label_map(three).tolist() == [[1] * 5] * 4


def test_coco_backslashes_are_separators_unless_a_file_is_called_so(coco):
    rewrite(coco, images=lambda item: item.update(file_name=item["file_name"].replace("/", "\\")))
    reader = open_reader(coco.settings, "datasets.tiny")
    assert list(reader.names()) == ["one", "sub/two", "three"]
    assert reader.record("sub/two").path == coco.images / "sub/two.jpg"
    (coco.images / "sub/two.jpg").rename(coco.images / "sub\\two.jpg")
    assert list(open_reader(coco.settings, "datasets.tiny").names()) == ["one", "sub\\two", "three"]


def test_coco_category_background_without_annotations_is_no_class(coco):
    content = json.loads(coco.annotations.read_text())
    content["categories"].append({"id": 0, "name": "Background"})
    coco.annotations.write_text(json.dumps(content))
    assert open_reader(coco.settings, "datasets.tiny").class_names == ["zebra", "kite"]
    coco.change(102, category_id=0)
    with pytest.raises(InputError, match=r"datasets\.tiny: a class is called 'Background', as is what lies outside"):
        open_reader(coco.settings, "datasets.tiny")
    excluding = open_reader(coco.settings | {"classes": {"exclude": ["Background", "couch"]}}, "datasets.tiny")
    assert excluding.class_names == ["zebra", "kite"]


def test_coco_classes_without_annotations_do_not_count_where_there_are_too_many(coco):
    content = json.loads(coco.annotations.read_text())
    content["categories"] += [{"id": 1000 + index, "name": f"class {index}"} for index in range(300)]
    coco.annotations.write_text(json.dumps(content))
    assert open_reader(coco.settings, "datasets.tiny").class_names == ["zebra", "kite"]


@pytest.mark.parametrize("nothing", [[], [[]]])  # CVAT's
def test_coco_file_of_boxes_alone_has_no_masks_and_says_so(coco, nothing):
    rewrite(coco, annotations=lambda item: item.update(segmentation=nothing))
    reader = open_reader(coco.settings, "datasets.tiny")
    with pytest.raises(
        InputError, match=r"json has boxes and no mask: .*; a run that learns from masks or is scored wa"
    ):
        reader.label_map(reader.record("one"))


def test_voc_dataset_of_boxes_alone_has_no_masks_and_says_so(voc):
    for path in voc.mask("p").parent.iterdir():
        path.unlink()
    voc.mask("p").parent.rmdir()
    reader = open_reader(voc.settings, "datasets.tiny")
    with pytest.raises(
        InputError, match=r"SegmentationClass does not exist, so this dataset has boxes and no mask; a r"
    ):
        reader.label_map(reader.record("p"))


def test_masks_are_made_one_at_a_time(coco, voc):
    for reader, name in ((open_reader(coco.settings, "d"), "one"), (open_reader(voc.settings, "d"), "p")):
        masks = reader.instance_masks(reader.record(name))
        assert iter(masks) is iter(masks)  # an iterator holds one
        assert len(list(masks)) == 2


def test_a_0_in_a_voc_file_is_the_edge_of_the_photograph(voc):
    voc.xml("p").write_text(voc_xml(6, 8, voc_object("cat", "0 0 5 4"), voc_object("cat", "1 0.5 5 4")))
    assert records(open_reader(voc.settings, "datasets.tiny"))[0].boxes.tolist() == [[0, 0, 5, 4]] * 2


@pytest.mark.parametrize(
    "size", ["", "<size/>", "<size><width>0</width><height>0</height></size>", "<size><width/></size>"]
)
def test_voc_size_that_is_not_stated_is_0(voc, size):
    voc.xml("p").write_text(f"<annotation>{size}{voc_object('cat', '2 2 5 4')}</annotation>")
    photograph = open_reader(voc.settings, "datasets.tiny").record("p")
    assert (photograph.height, photograph.width, photograph.boxes.tolist()) == (0, 0, [[1, 1, 5, 4]])


def test_voc_box_that_is_turned_is_refused_as_such(voc):
    turned = "<object><name>cat</name><robndbox><cx>4</cx></robndbox></object>"
    voc.xml("p").write_text(voc_xml(6, 8, voc_object("cat", "2 2 5 4"), turned))
    with pytest.raises(InputError, match=r"p\.xml: object 2 \(cat\) has no bndbox but a robndbox, a turned box; mend"):
        open_reader(voc.settings, "datasets.tiny").record("p")


@pytest.mark.parametrize("ending", [".bmp", ".webp", ".tif", ".PNG", ".jfif"])
def test_voc_photographs_have_any_usual_ending(voc, ending):
    voc.photograph("p").rename(voc.photograph("p").with_suffix(ending))
    assert open_reader(voc.settings, "datasets.tiny").record("p").path.suffix == ending


def test_voc_names_may_have_blanks(voc):
    for path in (voc.xml("p"), voc.photograph("p")):
        path.rename(path.with_stem("old p (1)"))
    voc.list.write_text("old p (1)\nq -1\n")
    reader = open_reader(voc.settings, "datasets.tiny")
    assert reader.names() == ["old p (1)", "q"]
    assert len(reader.record("old p (1)").boxes) == 2


def test_voc_files_may_lie_side_by_side_without_a_list(voc, tmp_path):
    flat = tmp_path / "flat"
    flat.mkdir()
    for path in (voc.xml("q"), voc.xml("p"), voc.photograph("p"), voc.photograph("q")):
        path.rename(flat / path.name)
    (flat / "._p.xml").write_text("macOS writes such")
    reader = open_reader({**voc.settings, "root": str(flat), "split": None}, "datasets.tiny")
    assert reader.names() == ["p", "q"]
    assert reader.record("p").path == flat / "p.jpg"
    for path in flat.iterdir():
        path.unlink()
    with pytest.raises(InputError, match=r"there is no XML in .*flat; mend root, or give a split"):
        reader.names()


def test_a_photograph_of_coco_is_found_without_the_folders_before_it(coco):
    (coco.images / "sub" / "two.jpg").rename(coco.images / "two.jpg")
    assert open_reader(coco.settings, "d").record("sub/two").path == coco.images / "two.jpg"


def test_a_photograph_of_coco_may_have_its_ending_in_capitals(coco):
    """In the folder that is named, before another of the same name elsewhere; not where the one that is named is."""
    named, capitals = (coco.images / "sub" / f"two.{ending}" for ending in ("jpg", "JPG"))
    named.rename(capitals)
    (coco.images / "two.jpg").touch()
    reader = open_reader(coco.settings, "d")
    assert reader.record("sub/two").path == capitals
    named.touch()
    assert reader.record("sub/two").path == named


@pytest.mark.parametrize("name", ["../../label-studio/data/media/upload/1/one.jpg", "/data/upload/1/one.jpg"])
def test_of_a_path_to_another_disk_what_lies_in_the_folder_is_read(coco, name):
    content = json.loads(coco.annotations.read_text())
    content["images"][0]["file_name"] = name
    coco.annotations.write_text(json.dumps(content))
    reader = open_reader(coco.settings, "d")
    assert reader.names()[0] == "one" and reader.record("one").path == coco.images / "one.jpg"
