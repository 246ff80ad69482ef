"""The format of a file or a folder is known by what is in it; what is not read is refused by the name of its tool."""

import json
from pathlib import Path

import pytest
from conftest import records, voc_object, voc_xml

from lpg.annotations.guess import guess_settings
from lpg.annotations.reader import open_reader
from lpg.errors import InputError

COCO = json.dumps({
    "images": [{"id": 0, "file_name": "a.jpg", "height": 6, "width": 8}],
    "annotations": [{"id": 0, "image_id": 0, "category_id": 0, "bbox": [1, 2, 4, 4], "area": 16, "iscrowd": 0}],
    "categories": [{"id": 0, "name": "cat"}],
})  # fmt: skip
SHAPE = {"label": "cat", "points": [[1, 2], [5, 6]], "shape_type": "rectangle"}
LABELME = json.dumps({"shapes": [SHAPE], "imagePath": "a.jpg"})
CVAT = '<annotations><image id="0" name="a.jpg" width="8" height="6">'
CVAT += '<box label="cat" xtl="1" ytl="2" xbr="5" ybr="6"/></image></annotations>'
VOC = voc_xml(6, 8, voc_object("cat", "2 3 5 6"))
YAML, LABELS = "names: [cat]", "0 0.375 0.666667 0.5 0.666667"
TABLE = "filename,xmin,ymin,xmax,ymax,class\na.jpg,1,2,5,6,cat\n"

FILES = {
    "coco": {"_annotations.coco.json": COCO, "README.roboflow.txt": "Exported by roboflow"},
    "labelme": {"a.json": LABELME},
    "cvat": {"annotations.xml": CVAT},
    "voc_xml": {"Annotations/a.xml": VOC, "ImageSets/Main/train.txt": "a\n"},
    "yolo": {
        "data.yaml": YAML,
        "labels/a.txt": LABELS,
        "README.dataset.txt": "by roboflow",
        "notes.json": '{"info": 1}',
    },
    "csv": {"boxes.csv": TABLE, "classes.csv": "cat,0\n"},
}


@pytest.fixture
def put(tmp_path):
    """Write files into a folder of boxes; returns it."""

    def write(files: dict[str, str | bytes]) -> Path:
        for name, content in files.items():
            path = tmp_path / "boxes" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path / "boxes"

    return write


@pytest.mark.parametrize("format", FILES)
def test_a_folder_is_known_by_its_files_and_read(images, put, boxes_of, format):
    settings = guess_settings(images, put(FILES[format]))
    assert settings["format"] == format
    reader = open_reader(settings, "boxes")
    assert boxes_of(reader)["a"] == [("cat", 1, 2, 5, 6)]
    assert records(reader, ["a"])[0].path == images / "a.jpg"


@pytest.mark.parametrize(
    ("format", "name"),
    [
        ("coco", "_annotations.coco.json"),
        ("labelme", "a.json"),
        ("cvat", "annotations.xml"),
        ("voc_xml", "Annotations/a.xml"),
        ("yolo", "data.yaml"),
        ("csv", "boxes.csv"),
    ],
)
def test_a_file_is_known_by_its_content_and_read(images, put, boxes_of, format, name):
    settings = guess_settings(images, put(FILES[format]) / name)
    assert settings == {"format": format, "images": str(images), "annotations": str(images.parent / "boxes" / name)}
    assert boxes_of(open_reader(settings, "boxes"))["a"] == [("cat", 1, 2, 5, 6)]


def test_a_file_of_cocos_is_known_without_the_whole_of_it_in_memory(images, put, monkeypatch):
    path = put(FILES["coco"]) / "_annotations.coco.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps({"info": {"a": [1, 2]}, "licenses": [], **content, "more": [[1], {"b": "c"}, 2.5]}))
    monkeypatch.setattr("lpg.annotations.guess.read_json", lambda _: pytest.fail("the whole of it was read"))
    assert guess_settings(images, path)["format"] == "coco"


@pytest.mark.parametrize(
    "text", ["a.jpg,1,2,5,6,cat\n", "a.jpg,,,,,\n", "ImageID,LabelName,XMin,XMax,YMin,YMax\n", TABLE.replace(",", "\t")]
)
def test_tables_are_known_with_and_without_a_header(images, put, text):
    assert guess_settings(images, put({"boxes.csv": text}))["format"] == "csv"


@pytest.mark.parametrize("first", ["0 0.5 0.5 1 1", "\n\n0 5e-01 0.5 1 1 0.9", "12 0 0 0 1 1 1", "0.0e+00 0.5 0.5 1 1"])
def test_labels_of_yolo_are_known_by_their_lines_and_empty_ones_are_passed_over(images, put, first):
    files = {f"{name}.txt": blank for name, blank in zip("abcdefgh", ["", "\n", "\r\n", " \n"] * 2, strict=True)}
    assert guess_settings(images, put({**files, "z.txt": first, "classes.txt": "cat"}))["format"] == "yolo"


def test_a_format_may_be_said(images, put):
    boxes = put({**FILES["coco"], **FILES["voc_xml"]})
    with pytest.raises(InputError, match=r"boxes has VOC's XML \(Annotations/a\.xml\) and COCO's JSON \(_annotations"):
        guess_settings(images, boxes)
    assert guess_settings(images, boxes, "coco")["annotations"] == str(boxes / "_annotations.coco.json")
    assert guess_settings(images, boxes, "voc")["format"] == "voc_xml"
    with pytest.raises(InputError, match=r"boxes has no file of CVAT's XML; it has VOC's XML, COCO's JSON"):
        guess_settings(images, boxes, "cvat")
    with pytest.raises(InputError, match=r"the format 'pascal' is not known; known are coco, voc, yolo, csv, labelme"):
        guess_settings(images, boxes, "pascal")


def test_the_formats_that_may_be_said_are_those_that_are_named(images, put):
    boxes = put({"a.xml": VOC, "b.json": LABELME})
    with pytest.raises(InputError, match=r"; say which format, voc or labelme, or name the file$"):
        guess_settings(images, boxes)


@pytest.mark.parametrize("said", ["coco", "voc", "yolo", "csv", "labelme", "cvat"])
@pytest.mark.parametrize(
    ("name", "content", "format", "what"),
    [
        ("boxes.json", COCO, "coco", "COCO's JSON"),
        ("a.json", LABELME, "labelme", "labelme's JSON"),
        ("a.xml", VOC, "voc", "VOC's XML"),
        ("annotations.xml", CVAT, "cvat", "CVAT's XML"),
        ("boxes.csv", TABLE, "csv", r"a table \(CSV\)"),
        ("data.yaml", YAML, "yolo", "YOLO's text files"),
    ],
)
def test_a_file_of_another_format_than_is_said_is_whole(images, put, name, content, format, what, said):
    path = put({name: content}) / name
    if said == format or (said, name) == ("coco", "a.json"):  # COCO's reader says itself what it misses
        assert guess_settings(images, path, said)["format"] in (said, "voc_xml")
        return
    with pytest.raises(InputError, match=rf"{name} is {what}; leave the format out, or say {format}$") as refused:
        guess_settings(images, path, said)
    assert refused.value.permission is None


def test_a_format_may_be_said_of_a_file_whose_look_is_unknown(images, put):
    path = put({"boxes.dat": TABLE}) / "boxes.dat"
    assert guess_settings(images, path, "csv")["annotations"] == str(path)


def test_one_of_several_files_is_to_be_named(images, put):
    boxes = put({"train/_annotations.coco.json": COCO, "valid/_annotations.coco.json": COCO})
    message = (
        r"boxes has COCO's JSON several times: train/_annotations\.coco\.json, valid/.*; name the file that is meant"
    )
    with pytest.raises(InputError, match=message):
        guess_settings(images, boxes)


def listed(**keys) -> str:
    return json.dumps([keys])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "a.json",
            listed(id=1, data={}, annotations=[]),
            r"is Label Studio's own JSON; export COCO or YOLO in Label Stud",
        ),
        ("a.json", listed(id=1, image="", annotator=1, label=[]), r"is Label Studio's JSON-MIN; export COCO or YOLO"),
        ("a.json", listed(image="", annotations=[]), r"is CreateML's JSON; export COCO"),
        (
            "a.json",
            listed(image_id=1, category_id=1, bbox=[]),
            r"is a list of COCO's results; put them into an instances",
        ),
        (
            "a.json",
            listed(file_name="", annotations=[]),
            r"is a list of Detectron2's dictionaries; write it with detectron2",
        ),
        (
            "a.jpg.json",
            '{"tags": [], "size": {}, "objects": []}',
            r"is Supervisely's own JSON; export COCO in Supervisely",
        ),
        (
            "via.json",
            '{"a.jpg123": {"filename": "a.jpg", "size": 123, "regions": [], "file_attributes": {}}}',
            r"is the VGG Image Annotator's own; export its annotations as COCO",
        ),
        (
            "via.csv",
            "filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,region_attributes",
            r"is the VGG Image Annotator's own; export its annotations as COCO",
        ),
        (
            "a.json",
            '{"_via_img_metadata": {}}',
            r"is a project of the VGG Image Annotator; export its annotations as COCO",
        ),
        (
            "a.json",
            '{"project": {}, "config": {}, "attribute": {}, "file": {}, "view": {}, "metadata": {}}',
            r"is a project of the VGG Image Annotator 3; export its annotations as COCO",
        ),
        ("a.json", '{"images": [], "annotations": []}', r"is COCO's JSON without categories; give the instances file"),
        (
            "a.json",
            '{"b": 1, "a": 2}',
            r"a\.json is a JSON with a, b; boxes may be COCO's JSON, VOC's XML, YOLO's text",
        ),
        ("a.json", '[{"name": "a.jpg", "labels": []}]', r"a\.json is BDD100K's JSON; convert it to COCO with bdd100k"),
        ("a.json", '[{"a": 1, "b": 2}]', r"a\.json is a JSON list of entries with a, b; boxes may be"),
        ("a.json", '{"classes": [], "labels": {}}', r"a\.json is FiftyOne's own JSON; export COCODetectionDataset"),
        ("a.csv", "1,1,10,20,30,40,1,-1,-1,-1\n", r"a\.csv: it has no header; put one above: image, xmin, ymin, xmax"),
        ("a.txt", "imagesource:GoogleEarth\ngsd:0.1\n", r"a\.txt is DOTA's text of turned boxes; convert it"),
        ("a.json", "[]", r"a\.json is a JSON with no keys; boxes may be"),
        ("a.json", "{", r"a\.json is not valid JSON"),
        ("a.xml", "<html/>", r"a\.xml is XML whose root is <html>; boxes may be"),
        ("a.yaml", "a: 1", r"a\.yaml is YAML without names; boxes may be"),
        (
            "a.csv",
            "a,b\n1,2\n",
            r"a\.csv: the columns a, b are no boxes; call them image, xmin, ymin, xmax, ymax, class",
        ),
        (
            "a.txt",
            "Car 0.0 0 -1.57 1 2 3 4 5 6 7 8 9 10 0.1",
            r"a\.txt is KITTI's text; convert it to YOLO's, VOC's or",
        ),
        ("a.txt", "1 2 3 4 5 6 7 8 plane 0", r"a\.txt is DOTA's text of turned boxes; convert it"),
        ("a.txt", "hello world", r"a\.txt is text that begins with 'hello world'; boxes may be"),
        ("a.tfrecord", b"\x00", r"a\.tfrecord is a TFRecord; export COCO, or a CSV with filename, xmin"),
        ("a.zip", b"PK", r"a\.zip is an archive; unpack it first, and give the folder"),
        ("a.pkl", b"\x80", r"a\.pkl is a pickle, which may run code and is not opened; export COCO"),
    ],
)
def test_what_is_not_read_is_refused_by_name(images, put, name, content, message):
    boxes = put({name: content})
    for place in (boxes / name, boxes):
        with pytest.raises(InputError, match=message):
            guess_settings(images, place)


def test_what_is_not_there_or_no_boxes_is_refused(images, put):
    with pytest.raises(InputError, match=r"nowhere does not exist; mend the path of the boxes"):
        guess_settings(images, images / "nowhere")
    with pytest.raises(InputError, match=r"images has no file of boxes; boxes may be COCO's JSON"):
        guess_settings(images, images)
    with pytest.raises(InputError, match=r"a\.jpg: no format of boxes ends in '\.jpg'; boxes may be COCO's JSON"):
        guess_settings(images, images / "a.jpg")
    with pytest.raises(
        InputError, match=r"a\.txt holds the labels of one photograph; give the folder of the label files"
    ):
        guess_settings(images, put({"a.txt": LABELS}) / "a.txt")


def test_vocs_masks_without_their_photographs_say_where_these_are_to_lie(tmp_path):
    """As our own export writes them; a link will do."""
    for name in ("voc/SegmentationClass", "voc/Annotations", "photographs"):
        (tmp_path / name).mkdir(parents=True)
    voc, photographs = tmp_path / "voc", tmp_path / "photographs"
    with pytest.raises(
        InputError, match=r"voc has VOC's masks, and no JPEGImages .*; put them there, or a link to .*photo"
    ):
        guess_settings(photographs, voc, masks=True)
    (voc / "JPEGImages").symlink_to(photographs)
    assert guess_settings(voc / "JPEGImages", voc, masks=True)["root"] == str(voc)


def test_photographs_elsewhere_have_the_boxes_of_vocs_folders_and_not_its_masks(tmp_path):
    for name in ("JPEGImages", "Annotations"):
        (tmp_path / "voc" / name).mkdir(parents=True)
    (tmp_path / "other").mkdir()
    own, other = tmp_path / "voc" / "JPEGImages", tmp_path / "other"
    for images, expected in ((own, own), (tmp_path / "voc", own), (other, other)):
        assert guess_settings(images, tmp_path / "voc")["images"] == str(expected)
    assert guess_settings(own, tmp_path / "voc", masks=True)["root"] == str(tmp_path / "voc")
    with pytest.raises(InputError, match=r"voc has VOC's masks of .*JPEGImages; they are no masks of .*other"):
        guess_settings(other, tmp_path / "voc", masks=True)
