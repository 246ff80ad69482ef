"""The files that are said to be opened are those that a reader opens."""

import sys
from pathlib import Path

import pytest
from conftest import records

from lpg.annotations.image_folder import ENDINGS
from lpg.annotations.opened import listed_files, opened_files
from lpg.annotations.reader import open_reader

WATCHING: list[set[Path]] = []  # while a test does


def note(event: str, arguments: tuple) -> None:
    if event == "open" and WATCHING:
        WATCHING[0].add(Path(str(arguments[0])).absolute())


sys.addaudithook(note)

BOX = "<object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>3</xmax><ymax>3</ymax></bndbox></object>"
XML = f"<annotation>{BOX}</annotation>"
SHAPE = '{"label": "cat", "shape_type": "rectangle", "points": [[0, 0], [3, 3]]}'
COCO = """{"images": [{"id": 1, "file_name": "a.jpg"}], "categories": [{"id": 1, "name": "cat"}],
           "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 3, 3]}]}"""
CVAT = (
    '<annotations><image id="0" name="a.jpg"><box label="cat" xtl="0" ytl="0" xbr="3" ybr="3"/></image></annotations>'
)
OPEN_IMAGES = "ImageID,LabelName,XMin,XMax,YMin,YMax\na,/m/1,0,0.5,0,0.5\n"
YOLO = "0 0.5 0.5 0.5 0.5"
NAMES = "{names: [cat], val: [v.txt, images], train: t.txt}"
LABELS = {"y/labels/a.txt": YOLO, "y/labels/sub/b c.txt": "", "y/labels/lost.txt": YOLO}


@pytest.mark.parametrize(
    ("files", "settings", "expected"),
    [
        ({"c.json": COCO, "some.txt": "a"}, {"format": "coco", "annotations": "c.json", "split": "some.txt"},
         "c.json some.txt"),
        ({"c.xml": CVAT, "other.xml": CVAT}, {"format": "cvat", "annotations": "c.xml"}, "c.xml"),
        ({"x/a.xml": XML, "x/b.txt": ""}, {"format": "voc_xml", "annotations": "x"}, "x/a.xml"),
        ({"x/a.xml": XML}, {"format": "voc_xml", "annotations": "x/a.xml"}, "x/a.xml"),
        ({"v/ImageSets/Segmentation/s.txt": "a", "v/Annotations/a.xml": XML, "v/JPEGImages/a.jpg": ""},
         {"format": "voc", "root": "v", "split": "s"}, "v/ImageSets/Segmentation/s.txt v/Annotations/a.xml"),
        ({"v/ImageSets/Segmentation/s.txt": "a b\na 1", "v/Annotations/a b.xml": XML, "v/Annotations/a.xml": XML,
          "v/JPEGImages/a b.jpg": "", "v/JPEGImages/a.jpg": ""},
         {"format": "voc", "root": "v", "split": "s"},
         "v/ImageSets/Segmentation/s.txt v/Annotations/a|b.xml v/Annotations/a.xml"),
        ({"v/ImageSets/Segmentation/s.txt": "a", "v/Annotations/a.XML": XML, "v/JPEGImages/a.jpg": ""},
         {"format": "voc", "root": "v", "split": "s"}, "v/ImageSets/Segmentation/s.txt v/Annotations/a.XML"),
        ({"v/a.xml": XML, "v/a.jpg": ""}, {"format": "voc", "root": "v"}, "v/a.xml"),
        ({"l/a.json": f'{{"shapes": [{SHAPE}]}}'}, {"format": "labelme", "annotations": "l"}, "l/a.json"),
        ({"b.csv": "a.jpg,0,0,3,3,cat"}, {"format": "csv", "annotations": "b.csv"}, "b.csv"),
        ({"b.csv": OPEN_IMAGES, "class-descriptions-boxable.csv": "/m/1,cat", "x-class-descriptions.csv": "/m/1,dog"},
         {"format": "csv", "annotations": "b.csv"}, "b.csv class-descriptions-boxable.csv"),
        ({**LABELS, "y/data.yaml": NAMES}, {"format": "yolo", "annotations": "y/labels"},
         "y/data.yaml y/labels/a.txt y/labels/sub/b|c.txt"),
        ({**LABELS, "classes.txt": "cat"}, {"format": "yolo", "annotations": "y/labels"},
         "classes.txt y/labels/a.txt y/labels/sub/b|c.txt"),
        ({**LABELS, "images/obj.names": "cat"}, {"format": "yolo", "annotations": "y/labels"},
         "images/obj.names y/labels/a.txt y/labels/sub/b|c.txt"),
        ({**LABELS, "y/data.yaml": NAMES, "y/v.txt": "../images/a.jpg", "y/t.txt": "", "y/images/no": ""},
         {"format": "yolo", "annotations": "y/data.yaml", "split": "val"},
         "y/data.yaml y/v.txt y/labels/a.txt"),  # of the split alone
        ({**LABELS, "y/data.yaml": NAMES, "y/v.txt": "a"},
         {"format": "yolo", "annotations": "y/labels", "split": "y/v.txt"},
         "y/v.txt y/data.yaml y/labels/a.txt y/labels/sub/b|c.txt"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("relative", [False, True])
def test_they_are_those_that_the_reader_opens(tmp_path, images, monkeypatch, files, settings, expected, relative):
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    monkeypatch.chdir(tmp_path)
    home = Path() if relative else tmp_path
    keys = {"annotations", "root"} | {key for key in ("split",) if str(settings.get(key)).endswith(".txt")}
    settings = {key: str(home / value) if key in keys else value for key, value in settings.items()}
    settings |= {} if settings["format"] == "voc" else {"images": str(home / "images")}
    said = opened_files(settings)
    assert said == [home / name.replace("|", " ") for name in expected.split()]
    WATCHING.append(set())
    list(records(open_reader(settings, "datasets.tiny")))
    found = {one for one in WATCHING.pop() if one.is_relative_to(tmp_path) and one.suffix.lower() not in ENDINGS}
    lost = {tmp_path / "y/labels/lost.txt"}  # looked at for a warning: it has no photograph
    assert found - lost == {path.absolute() for path in said}


def test_files_that_are_missing_are_listed_for_a_plan_and_not_opened(tmp_path):
    settings = {"format": "csv", "images": "images", "annotations": str(tmp_path / "boxes.csv")}
    assert listed_files(settings) == [tmp_path / "boxes.csv"]
    assert opened_files(settings) == []


def test_a_table_that_cannot_be_read_is_listed_alone(tmp_path, images):
    (tmp_path / "data.yaml").write_text("[")
    settings = {"format": "yolo", "images": str(images), "annotations": str(tmp_path / "data.yaml"), "split": "val"}
    assert opened_files(settings) == [tmp_path / "data.yaml"]
