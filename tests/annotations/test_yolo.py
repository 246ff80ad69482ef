"""YOLO's text files: where labels and classes are found, what a line may be, and every refusal."""

import logging
import re

import numpy as np
import pytest
from conftest import records, write_photograph
from PIL import Image

from lpg.annotations.reader import open_reader
from lpg.errors import InputError
from lpg.files.boxes import BoxTable

YAML = "names: [cat, dog]\n"
CAT = "0 0.5 0.5 0.25 0.5"  # x 3 to 5, y 1.5 to 4.5 of 8 by 6 pixels
EDGES = ("cat", 3, 1.5, 5, 4.5)


@pytest.mark.parametrize(
    ("files", "annotations"),
    [
        ({"data.yaml": YAML, "labels/a.txt": CAT, "labels/sub/b c.txt": ""}, "data.yaml"),
        ({"data.yaml": YAML, "labels/a.txt": CAT, "labels/sub/b c.txt": "\n\n"}, "."),
        ({"classes.txt": "cat\r\ndog\r\n", "labels/a.txt": f"{CAT}\r\n"}, "labels"),
        ({"labels/classes.txt": "cat\ndog", "labels/a.txt": CAT}, "labels"),
        ({"images/obj.names": "cat\ndog", "images/a.txt": f"\ufeff{CAT}"}, "images"),
        ({"images/_darknet.labels": "cat\ndog", "images/a.txt": CAT}, "images"),
        ({"elsewhere/a.txt": CAT, "data.yaml": "names:\n  0: cat\n  1: dog\n"}, "elsewhere"),
        ({"data.yaml": "names: {1: dog, 0: cat}\nnc: 2", "labels/a.txt": CAT}, "data.yaml"),
    ],
)
def test_labels_and_classes_are_found_where_tools_put_them(read, boxes_of, files, annotations):
    reader = read("yolo", files, annotations)
    assert reader.class_names == ["cat", "dog"]
    assert boxes_of(reader) == {"a": [EDGES], "sub/b c": []}


def test_labels_of_roboflow_lie_beside_every_splits_images(tmp_path, read, boxes_of):
    for split in ("train", "valid"):
        write_photograph(tmp_path / "images" / split / "images" / f"{split}_jpg.rf.0a1b.jpg", 6, 8)
    files = {f"images/{split}/labels/{split}_jpg.rf.0a1b.txt": CAT for split in ("train", "valid")}
    data = "train: ../train/images\nval: ../valid/images\nnc: 2\nnames: ['cat', 'dog']\n"
    reader = read("yolo", {**files, "images/data.yaml": data}, "images/data.yaml", split="val")
    assert boxes_of(reader) == {"valid/images/valid_jpg.rf.0a1b": [EDGES]}
    everything = read("yolo", {}, "images/data.yaml")
    assert len(everything.names()) == 4


@pytest.mark.parametrize("value", ["images/sub", "lists/some.txt", "[images/sub]"])
def test_a_split_is_a_folder_or_a_list_of_data_yaml(read, value):
    files = {
        "data.yaml": f"{YAML}path: .\ntest: {value}\n",
        "labels/a.txt": CAT,
        "lists/some.txt": "../images/sub/b c.PNG",
    }
    assert read("yolo", files, "data.yaml", split="test").names() == ["sub/b c"]


def test_a_photograph_is_in_the_split_where_its_name_is_and_not_the_file_that_it_links_to(tmp_path, images, read):
    """As of data under git-annex or DVC, or a photograph of another split under another name."""
    write_photograph(tmp_path / "store" / "0f.jpg", 6, 8)
    for split in ("train", "val"):
        (images / split).mkdir()
    (images / "train" / "x.jpg").symlink_to(tmp_path / "store" / "0f.jpg")
    (images / "val" / "y.jpg").symlink_to(images / "a.jpg")
    (tmp_path / "elsewhere").symlink_to(images / "train")
    files = {"data.yaml": f"{YAML}train: elsewhere\nval: images/val\n", "labels/a.txt": CAT}
    assert read("yolo", files, "data.yaml", split="train").names() == ["train/x"]
    assert read("yolo", files, "data.yaml", split="val").names() == ["val/y"]


@pytest.mark.parametrize(
    "line", ["images/sub/b c.PNG", "./images/sub/b c.PNG", r"images\sub\b c.PNG", "/content/set/images/sub/b c.PNG"]
)
def test_a_list_of_a_split_may_have_been_written_elsewhere(read, line):
    files = {"data.yaml": f"{YAML}val: val.txt", "labels/a.txt": CAT, "val.txt": line}
    assert read("yolo", files, "data.yaml", split="val").names() == ["sub/b c"]
    with pytest.raises(InputError, match=r"val\.txt: no photograph of .*images is 'images/none\.jpg'; mend the list"):
        read("yolo", {**files, "val.txt": f"{line}\nimages/none.jpg"}, "data.yaml", split="val")


def test_a_line_of_a_list_that_is_elsewhere_is_no_photograph_of_that_name_here(tmp_path, read):
    """Of a list over several folders only those below `images` count; a link leads to the file it means."""
    write_photograph(tmp_path / "other" / "a.jpg", 6, 8)
    (tmp_path / "link.png").symlink_to(tmp_path / "images" / "sub" / "b c.PNG")
    lines = "./other/a.jpg\n./link.png"
    files = {"data.yaml": f"{YAML}val: val.txt", "labels/a.txt": CAT, "val.txt": lines}
    assert read("yolo", files, "data.yaml", split="val").names() == ["sub/b c"]


def test_a_list_of_darknet_is_a_split(tmp_path, read):
    files = {"data.yaml": YAML, "labels/a.txt": CAT, "train.txt": "data/obj_train_data/sub/b c.PNG\n./a.jpg\n"}
    assert read("yolo", files, "data.yaml", split=str(tmp_path / "train.txt")).names() == ["sub/b c", "a"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("1 0.5 0.5 1 1", ("dog", 0, 0, 8, 6)),
        ("1.0 5e-1 0.5 1 1", ("dog", 0, 0, 8, 6)),
        ("0 0.5 0.5 0.25 0.5 0.93", EDGES),  # a confidence
        ("0 0.25 0.5 0.5 0.25 0.75 1", ("cat", 2, 1, 7, 6)),  # a triangle, and all pixels of its points
        ("0 0.25 0.5 0.5 0.25 0.75 1 0.93", ("cat", 2, 1, 7, 6)),
        ("0 0.5 0 1 0.5 0.5 1 0 0.5", ("cat", 0, 0, 8, 6)),  # four corners
        ("0 1.005 0.5 0.01 0.5", ("cat", 8, 1.5, 8.08, 4.5)),
    ],
)
def test_a_line_is_a_box_or_a_polygon(read, boxes_of, line, expected):
    assert boxes_of(read("yolo", {"data.yaml": YAML, "labels/a.txt": line}))["a"] == [expected]


def test_a_pose_is_its_box(read, boxes_of):
    data = f"{YAML}kpt_shape: [2, 3]\n"
    reader = read("yolo", {"data.yaml": data, "labels/a.txt": f"{CAT} 0.1 0.2 2 0 0 0"})
    assert boxes_of(reader)["a"] == [EDGES]
    with pytest.raises(InputError, match="this dataset has boxes and no mask"):
        reader.label_map(reader.record("a"))


def test_objects_have_the_numbers_of_their_lines(read):
    reader = read("yolo", {"data.yaml": YAML, "labels/a.txt": f"{CAT}\n\n{CAT}\n"})
    photograph = reader.record("a")
    assert photograph.object_ids == [1, 3]
    assert photograph.source.endswith("labels/a.txt")


def test_polygons_are_masks_with_the_smaller_on_top(read):
    whole, right = "1 0 0 1 0 1 1 0.5 1 0 1", "0 0.5 0 1 0 1 0.4 0.5 0.4"
    reader = read("yolo", {"data.yaml": YAML, "labels/a.txt": f"{right}\n{whole}\n"})
    photograph = reader.record("a")
    expected = np.full((6, 8), 2)
    expected[:3, 4:] = 1
    assert np.array_equal(reader.label_map(photograph), expected)
    assert [mask.sum() for mask in reader.instance_masks(photograph)] == [12, 48]
    assert photograph.boxes.tolist() == [[4, 0, 8, 3], [0, 0, 8, 6]]


def test_oriented_boxes_are_no_masks(read):
    reader = read("yolo", {"data.yaml": YAML, "labels/a.txt": "0 0.5 0 1 0.5 0.5 1 0 0.5"})
    with pytest.raises(InputError, match=r"a\.txt: this dataset has boxes and no mask; a run that learns from"):
        reader.instance_masks(reader.record("a"))


@pytest.mark.parametrize("where", ["with kpt_shape", "without"])
def test_boxes_with_two_points_each_are_no_oriented_boxes(read, boxes_of, where):
    line = "0 0.5 0.5 0.25 0.5 0.45 0.3 0.6 0.7"
    if where == "without":
        with pytest.raises(
            InputError, match=r"a box with two points in it, .*; write kpt_shape: \[2, 2\] in data\.yaml"
        ):
            read("yolo", {"data.yaml": YAML, "labels/a.txt": line})
        return
    reader = read("yolo", {"data.yaml": f"{YAML}kpt_shape: [2, 2]\n", "labels/a.txt": line})
    assert boxes_of(reader)["a"] == [EDGES]


@pytest.mark.parametrize("line", ["0 0.5 0.2 0.8 0.5 0.5 0.8 0.2 0.5", "0 0.1 0.1 0.9 0.12 0.8 0.9 0.2 0.7"])
def test_corners_of_a_rectangle_or_of_none_that_is_no_pose_are_an_oriented_box(read, boxes_of, line):
    xs, ys = (sorted(map(float, line.split()[start::2])) for start in (1, 2))
    ((_, *edges),) = boxes_of(read("yolo", {"data.yaml": YAML, "labels/a.txt": line}))["a"]
    assert edges == pytest.approx([8 * xs[0], 6 * ys[0], 8 * xs[-1], 6 * ys[-1]])


def test_upright_boxes_with_four_corners_are_the_same_boxes_and_fill_them(read, boxes_of):
    """As tools write plain boxes for oriented ones, and for polygons."""
    upright = "0 0.375 0.25 0.625 0.25 0.625 0.75 0.375 0.75", "1 0 1 0 0.5 0.500001 0.5 0.500001 1"
    reader = read("yolo", {"data.yaml": YAML, "labels/a.txt": "\n".join(upright)})
    assert boxes_of(reader)["a"] == [EDGES, ("dog", 0, 3, 4, 6)]
    dog = np.zeros((6, 8))
    dog[3:, :4] = 1
    _, mask = reader.instance_masks(reader.record("a"))
    assert np.array_equal(mask, dog)
    turned = read("yolo", {"labels/sub/b c.txt": "0 0.5 0 1 0.5 0.5 1 0 0.5"})
    assert boxes_of(turned)["a"] == [EDGES, ("dog", 0, 3, 4, 6)], "one that is turned, and all are oriented boxes"
    with pytest.raises(InputError, match="this dataset has boxes and no mask"):
        turned.instance_masks(turned.record("a"))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("[on, 1, no]", ["on", "1", "no"]),  # as written, and not YAML's true, one, false
        ("['traffic light', \"stop sign\"]", ["traffic light", "stop sign"]),
        ("\n- cat\n- 狗", ["cat", "狗"]),
        ("{0: cat, 10: dog, 2: cow}", ["cat", "cow", "dog"]),
        ("[cat, dog, cat]", ["cat", "dog"]),
    ],
)
def test_names_are_text_in_the_order_of_their_numbers(read, names, expected):
    assert read("yolo", {"data.yaml": f"names: {names}", "labels/a.txt": CAT}).class_names == expected


def test_of_a_folder_of_labels_that_is_named_no_others_count(read, boxes_of, caplog):
    files = {"data.yaml": YAML, "labels/a.txt": CAT, "labels/sub/b c.txt": CAT, "fixed/sub/b c.txt": CAT}
    assert boxes_of(read("yolo", files, "fixed")) == {"a": [], "sub/b c": [EDGES]}
    assert "1 of 2 photographs have no label file: no objects on them" in caplog.text
    assert boxes_of(read("yolo", {}, "data.yaml")) == {"a": [EDGES], "sub/b c": [EDGES]}


def test_the_table_of_classes_is_told_and_one_that_disagrees(read, caplog):
    caplog.set_level(logging.INFO)
    files = {"data.yaml": YAML, "labels/a.txt": CAT, "labels/classes.txt": "hen\ncow"}
    assert read("yolo", files, "labels").class_names == ["hen", "cow"]
    told, warned = (record.getMessage().replace("\\", "/") for record in caplog.records[:2])
    assert told.endswith("labels/classes.txt says what the class numbers mean")
    assert warned.endswith("data.yaml names other classes, cat, dog: it is not looked at")


def test_the_table_of_another_dataset_above_is_none(tmp_path):
    write_photograph(tmp_path / "job/pictures/a.jpg", 6, 8)
    for name, text in (("data.yaml", "names: [plum]"), ("job/labels/train/a.txt", CAT)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    places = {"images": str(tmp_path / "job/pictures"), "annotations": str(tmp_path / "job/labels")}
    with pytest.raises(InputError, match=r"no data\.yaml and no classes\.txt there or above says what"):
        open_reader({"format": "yolo", **places}, "datasets.tiny")


def test_triangles_throughout_are_doubted(read, caplog):
    read("yolo", {"data.yaml": YAML, "labels/a.txt": "0 0.5 0.5 0.25 0.5 0.9 1"})
    assert "every outline is a triangle: where lines are `class x y width height confidence track`" in caplog.text


def test_a_label_may_be_called_in_the_other_form_of_an_accent(read, boxes_of, images):
    write_photograph(images / "caf\u00e9.jpg", 6, 8)
    assert boxes_of(read("yolo", {"data.yaml": YAML, "labels/cafe\u0301.txt": CAT}))["caf\u00e9"] == [EDGES]


def test_a_label_may_end_in_capitals(read, boxes_of):
    assert boxes_of(read("yolo", {"data.yaml": YAML, "labels/a.TXT": CAT}))["a"] == [EDGES]


def test_class_names_may_be_given(read, boxes_of):
    reader = read("yolo", {"labels/a.txt": CAT.replace("0 ", "1 ", 1)}, "labels", class_names=["cow", "hen"])
    assert boxes_of(reader)["a"] == [("hen", *EDGES[1:])]


def test_a_number_beyond_the_names_is_a_fault_of_all_photographs(read):
    """Numbers from 1 on would have the names of others: to leave out those beyond the last makes nothing right."""
    reader = read("yolo", {"data.yaml": YAML, "labels/a.txt": "2 0.5 0.5 1 1"})
    with pytest.raises(InputError, match=r"a\.txt:1: class 2 has no name; .*data\.yaml has 0 to 1; mend") as refusal:
        reader.record("a")
    assert refusal.value.permission is None
    assert refusal.value.remedy == "mend one of them; YOLO's numbers begin at 0"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("-1 0.5 0.5 1 1", r"a\.txt:2: -1 is no number of a class; mend it"),
        ("0.5 0.5 0.5 1 1", r"a\.txt:2: 0.5 is no number of a class"),
        ("cat 0.5 0.5 1 1", r"a\.txt:2: 'cat' is no coordinate; mend it"),
        ("0,0.5,0.5,1,1", r"a\.txt:2: '0,0\.5,0\.5,1,1' is no coordinate"),
        ("0 0.5 nan 1 1", r"a\.txt:2: 'nan' is no coordinate"),
        ("0 0.5 1e999 1 1", r"a\.txt:2: '1e999' is no coordinate"),
        ("0 120 0.5 1 1", r"a\.txt:2: 120 is no part of width or height, which are from 0 to 1; mend it"),
        ("0 0.5 -0.2 1 1", r"a\.txt:2: -0\.2 is no part of width or height"),
        ("0 0.5 0.5 0.3 0.1 -45", r"a\.txt:2: the sixth number, -45, is no confidence and no track, and ang"),
        ("0 0.5 0.5 0.3 0.1 1.57", r"a\.txt:2: the sixth number, 1\.57, is no confidence"),
        ("0 0.5 0.5", r"a\.txt:2: 3 numbers, where a box has 5: class x y width height; mend it"),
        (b"\xff\xfe0\x00", r"a\.txt is not UTF-8 \(.*\); save it as UTF-8"),
    ],
)
def test_a_line_that_is_wrong_is_refused_with_its_number_or_skipped(read, line, message):
    line = line if isinstance(line, bytes) else line.encode()
    reader = read("yolo", {"data.yaml": YAML, "labels/a.txt": b"\n" + line})
    with pytest.raises(InputError, match=message) as refusal:
        reader.record("a")
    assert refusal.value.permission == "skip_unreadable"
    assert len(records(reader, ["sub/b c"])) == 1


@pytest.mark.parametrize(
    ("files", "settings", "message"),
    [
        (
            {"labels/a.txt": CAT},
            {},
            r"no data\.yaml and no classes\.txt there or above .*give class_names: \[first, sec",
        ),
        (
            {"data.yaml": YAML},
            {},
            r"no photograph of .*images has a label file of its name, .txt: looked in .*; mend images or annotations",
        ),
        (
            {"data.yaml": "nc: 2", "labels/a.txt": CAT},
            {},
            r"data\.yaml has no names of classes; write names: \[first, sec",
        ),
        ({"data.yaml": "names: {a: cat}", "labels/a.txt": CAT}, {}, r"data\.yaml has no names of classes"),
        ({"data.yaml": "names: [[cat]]", "labels/a.txt": CAT}, {}, r"data\.yaml has no names of classes"),
        (
            {"data.yaml": "names: [cat", "labels/a.txt": CAT},
            {},
            r"data\.yaml is not valid YAML \(.*\); mend or restore",
        ),
        ({"data.yaml": "[" * 2000, "labels/a.txt": CAT}, {}, r"data\.yaml is not valid YAML"),
        ({"data.yaml": "a: " + "x" * (1 << 20), "labels/a.txt": CAT}, {}, r"has 1048579 characters of YAML; is it the"),
        ({"data.yaml": "cat", "labels/a.txt": CAT}, {}, r"data\.yaml has no keys; a data\.yaml has names"),
        (
            {"data.yaml": "names: [background]", "labels/a.txt": CAT},
            {},
            r"datasets\.tiny: a class is called 'background'",
        ),
        (
            {"data.yaml": YAML, "labels/a.txt": CAT},
            {"split": "dev"},
            r"data\.yaml has no split 'dev'; it has none; or gi",
        ),
        (
            {"data.yaml": f"{YAML}val: /nowhere", "labels/a.txt": CAT},
            {"split": "val"},
            r"data\.yaml: /nowhere does not exist; mend path and the splits of the file, or leave split out",
        ),
        (
            {"data.yaml": f"{YAML}val: labels", "labels/a.txt": CAT},
            {"split": "val"},
            r"no photograph of .*images is in the split 'val' of .*data\.yaml; mend images",
        ),
    ],
)
def test_what_stands_beside_the_labels_is_refused_if_it_is_wrong(read, files, settings, message):
    with pytest.raises(InputError, match=message):
        read("yolo", files, **settings)


def test_an_alias_bomb_is_no_names(read):
    lines = ["a0: &a0 [x, x]", *(f"a{level}: &a{level} [*a{level - 1}, *a{level - 1}]" for level in range(1, 60))]
    bomb = "\n".join([*lines, "names: *a59"])
    with pytest.raises(InputError, match="has no names of classes"):
        read("yolo", {"data.yaml": bomb, "labels/a.txt": CAT})


def test_labels_without_a_photograph_and_photographs_without_labels_are_told(read, caplog):
    files = {"data.yaml": YAML, "labels/a.txt": CAT, "labels/gone.txt": CAT, "labels/README.txt": "by nobody in 2024"}
    read("yolo", files, "labels")
    said = " | ".join(record.getMessage() for record in caplog.records)
    assert re.search(r"1 label files have no photograph in .*images, such as .*labels/gone\.txt", said)
    assert "1 of 2 photographs have no label file: no objects on them" in said


def test_parts_are_of_the_upright_photograph(tmp_path, read, boxes_of):
    """As ultralytics and every viewer see it: 6 by 8 pixels here."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    Image.new("RGB", (8, 6)).save(tmp_path / "images" / "turned.jpg", exif=exif)
    reader = read("yolo", {"data.yaml": YAML, "labels/turned.txt": "0 0.5 0.5 0.5 0.25"})
    assert boxes_of(reader)["turned"] == [("cat", 1.5, 3, 4.5, 5)]
    photograph = reader.record("turned")
    assert (photograph.height, photograph.width) == (8, 6)
    reader = read("yolo", {}, orientation="stored")  # where somebody says so
    assert boxes_of(reader)["turned"] == [("cat", 2, 2.25, 6, 3.75)]
    photograph = reader.record("turned")
    assert (photograph.height, photograph.width) == (6, 8)


def test_a_turned_photograph_is_extracted_upright(tmp_path, read, make_boxes):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (8, 6)).save(tmp_path / "images" / "turned.jpg", exif=exif)
    read("yolo", {"data.yaml": YAML, "labels/turned.txt": CAT, "labels/a.txt": CAT})
    settings = {"format": "yolo", "images": str(tmp_path / "images"), "annotations": str(tmp_path / "data.yaml")}
    upright, turned = BoxTable([make_boxes(settings)]).images
    assert (upright.upright, turned.upright) == (False, True)
    assert (turned.height, turned.width, turned.boxes.tolist()) == (8, 6, [[2.25, 2, 3.75, 6]])
