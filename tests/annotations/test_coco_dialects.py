"""COCO's JSON as tools write it, true to each tool's form."""

import json

import pytest
from conftest import write_photograph

from lpg.annotations.guess import guess_settings
from lpg.annotations.reader import open_reader
from lpg.errors import InputError


def label_studio(file_name: str) -> dict:
    """Ids from 0, no segmentation of a box, no iscrowd of some versions, and sizes that may be floats."""
    return {
        "images": [{"width": 8, "height": 6, "id": 0, "file_name": file_name}],
        "categories": [{"id": 0, "name": "cat"}, {"id": 1, "name": "dog"}],
        "annotations": [
            {"id": 0, "image_id": 0, "category_id": 1, "segmentation": [], "bbox": [1.0, 2.0, 4.0, 4.0], "ignore": 0,
             "iscrowd": 0, "area": 16.0},
        ],
        "info": {"year": 2024, "version": "1.0", "description": "", "contributor": "Label Studio", "url": "",
                 "date_created": "2024-05-01 10:00:00.000000"},
    }  # fmt: skip


def roboflow(file_name: str) -> dict:
    """The first category is the project's, and no object's."""
    return {
        "info": {"year": "2024", "version": "1", "description": "Exported from roboflow.com", "contributor": ""},
        "licenses": [{"id": 1, "url": "https://creativecommons.org/licenses/by/4.0/", "name": "CC BY 4.0"}],
        "categories": [{"id": 0, "name": "pets", "supercategory": "none"},
                       {"id": 1, "name": "dog", "supercategory": "pets"}],
        "images": [{"id": 0, "license": 1, "file_name": file_name, "height": 6, "width": 8,
                    "date_captured": "2024-05-01T10:00:00+00:00", "extra": {"name": "a.jpg"}}],
        "annotations": [{"id": 0, "image_id": 0, "category_id": 1, "bbox": [1, 2, 4, 4], "area": 16,
                         "segmentation": [], "iscrowd": 0}],
    }  # fmt: skip


def supervisely(file_name: str) -> dict:
    """A rectangle is a polygon of its corners."""
    return {
        "info": {"description": "", "url": "None", "version": "1.0", "year": 2024, "contributor": "Supervisely"},
        "licenses": [{"url": "None", "id": 0, "name": "None"}],
        "images": [{"license": "None", "file_name": file_name, "url": "None", "height": 6, "width": 8,
                    "date_captured": "2024-05-01T10:00:00.000Z", "id": 1}],
        "annotations": [{"segmentation": [[1, 2, 5, 2, 5, 6, 1, 6]], "area": 16, "iscrowd": 0, "image_id": 1,
                         "bbox": [1, 2, 4, 4], "category_id": 2, "id": 1}],
        "categories": [{"supercategory": "cat", "id": 1, "name": "cat"},
                       {"supercategory": "dog", "id": 2, "name": "dog"}],
    }  # fmt: skip


def cvat(file_name: str) -> dict:
    """Attributes beside every object, and a licence of number 0."""
    return {
        "licenses": [{"name": "", "id": 0, "url": ""}],
        "info": {"contributor": "", "date_created": "", "description": "", "url": "", "version": "", "year": ""},
        "categories": [{"id": 1, "name": "cat", "supercategory": ""}, {"id": 2, "name": "dog", "supercategory": ""}],
        "images": [{"id": 1, "width": 8, "height": 6, "file_name": file_name, "license": 0, "flickr_url": "",
                    "coco_url": "", "date_captured": 0}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 2, "segmentation": [[]], "area": 16.0,
                         "bbox": [1.0, 2.0, 4.0, 4.0], "iscrowd": 0,
                         "attributes": {"occluded": False, "rotation": 0.0, "track_id": 0, "keyframe": True}}],
    }  # fmt: skip


def without_masks(file_name: str) -> dict:
    """What people write themselves: no segmentation, no area, no iscrowd."""
    content = cvat(file_name)
    content["annotations"] = [
        {key: content["annotations"][0][key] for key in ("id", "image_id", "category_id", "bbox")}
    ]
    return content


@pytest.mark.parametrize(
    ("write", "file_name"),
    [
        (label_studio, "images/1/3f2a1b0c-a.jpg"),
        (label_studio, "3f2a1b0c-a.jpg"),
        (roboflow, "a_jpg.rf.0123456789abcdef0123456789abcdef.jpg"),
        (supervisely, "a.jpg"),
        (cvat, "train/a b.PNG"),
        (without_masks, "a.jpg"),
    ],
)
def test_boxes_of_cocos_dialects_are_read(tmp_path, boxes_of, make_boxes, write, file_name):
    write_photograph(tmp_path / "images" / file_name, 6, 8)
    (tmp_path / "_annotations.coco.json").write_text(json.dumps(write(file_name)))
    settings = guess_settings(tmp_path / "images", tmp_path / "_annotations.coco.json")
    assert settings["format"] == "coco"
    reader = open_reader(settings, "datasets.tiny")
    assert list(boxes_of(reader).values()) == [[("dog", 1, 2, 5, 6)]]
    assert make_boxes(settings).is_file()


@pytest.mark.parametrize(
    ("stated", "crowd"),
    [(0, False), (1, True), (False, False), (True, True), (0.0, False), (1.0, True), (None, False),
     (float("nan"), False), ("0", False), ("1", True), ("false", False), ("True", True), ("", False)],
)  # fmt: skip
def test_a_crowd_is_one_by_what_iscrowd_says_also_as_text(tmp_path, boxes_of, stated, crowd):
    """Another object beside it, for where all are crowds none is."""
    content = cvat("a.jpg")
    content["annotations"] += [content["annotations"][0] | {"id": 2, "category_id": 1, "iscrowd": stated}]
    write_photograph(tmp_path / "a.jpg", 6, 8)
    (tmp_path / "boxes.json").write_text(json.dumps(content))
    reader = open_reader({"format": "coco", "images": str(tmp_path), "annotations": str(tmp_path / "boxes.json")}, "d")
    dog, cat = ("dog", 1, 2, 5, 6), ("cat", 1, 2, 5, 6)
    assert list(boxes_of(reader).values()) == [[dog] if crowd else [dog, cat]]


def of_several(*file_names: str) -> str:
    """COCO's file of photographs that have one dog each."""
    content = {**cvat(""), "images": [], "annotations": []}
    for key, file_name in enumerate(file_names, start=1):
        one = cvat(file_name)
        content["images"].append(one["images"][0] | {"id": key})
        content["annotations"].append(one["annotations"][0] | {"id": key, "image_id": key})
    return json.dumps(content)


def test_without_its_folders_a_name_is_no_other_images(tmp_path):
    """As where the splits of a dataset were put into one folder, and one `1.jpg` wrote over the other."""
    for name in ("1.jpg", "2.jpg"):
        write_photograph(tmp_path / "images" / name, 6, 8)
    path = tmp_path / "a.json"
    path.write_text(of_several("train/1.jpg", "train/2.jpg", "val/1.jpg"))
    reader = open_reader(guess_settings(tmp_path / "images", path), "datasets.tiny")
    assert reader.record("train/2").path == tmp_path / "images" / "2.jpg"
    for name in ("train/1", "val/1"):
        with pytest.raises(
            InputError, match=rf"there is no '{name}.jpg' in .*images, and '1.jpg' there may be another"
        ):
            reader.record(name)


@pytest.mark.parametrize(("named", "saved"), [("caf\u00e9.jpg", "cafe\u0301.jpg"), ("cafe\u0301.jpg", "caf\u00e9.jpg")])
def test_an_accent_may_stand_by_itself_on_disk(tmp_path, named, saved):
    write_photograph(tmp_path / "images" / saved, 6, 8)
    path = tmp_path / "a.json"
    path.write_text(of_several(named))
    reader = open_reader(guess_settings(tmp_path / "images", path), "datasets.tiny")
    assert reader.record(reader.names()[0]).path.name == saved
