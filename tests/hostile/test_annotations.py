"""Annotations of every format: what is made of them goes checked as for `boxes.h5` and `masks.h5`."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import yaml
from conftest import write_photograph
from hostile import documents
from hostile.cases import attempt, cases
from hostile.datasets import attempt_dataset
from hostile.mutations import mutated_bytes, mutated_lines, mutated_tree, mutated_xml
from hypothesis import given
from hypothesis import strategies as st

from lpg.annotations.extraction import Permissions
from lpg.annotations.guess import guess_settings
from lpg.pixels.pictures import write_palette_mask


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Two photographs, in `images` and as VOC has them, with its masks, and what YOLO has beside its labels."""
    folder = tmp_path_factory.mktemp("hostile")
    mask = np.array([[0, 0, 0, 2, 2, 0, 0, 255]] + [[1, 1, 0, 2, 2, 0, 0, 0]] * 5, dtype=np.uint8)
    for place in ("images", "voc/JPEGImages"):
        for name in ("a.jpg", "sub/b c.PNG"):
            write_photograph(folder / place / name, 6, 8)
    for kind in ("SegmentationClass", "SegmentationObject"):
        write_palette_mask(folder / "voc" / kind / "a.png", mask)
    for place in ("voc/Annotations", "xml", "labels", "marks"):
        (folder / place).mkdir()
    (folder / "classes.txt").write_text("cat\ndog\n")
    return folder


def settings_of(folder: Path, format: str, annotations: str) -> dict:
    if format == "voc":
        return {"format": "voc", "root": str(folder / "voc"), "class_names": ["cat", "dog"]}
    return {"format": format, "images": str(folder / "images"), "annotations": str(folder / annotations)}


allowing = st.builds(Permissions, st.booleans(), st.booleans())
coco = mutated_tree(documents.COCO).map(json.dumps)
labelme = mutated_tree(documents.LABELME).map(json.dumps)


@cases(8_000)
@given(content=coco, allow=allowing)
def test_coco(folder, content, allow):
    attempt_dataset(folder / "coco.json", content, settings_of(folder, "coco", "coco.json"), allow)


@cases(4_000)
@given(content=labelme, allow=allowing)
def test_labelme(folder, content, allow):
    attempt_dataset(folder / "marks" / "a.json", content, settings_of(folder, "labelme", "marks"), allow)


@cases(4_000)
@given(content=mutated_xml(documents.CVAT), allow=allowing)
def test_cvat(folder, content, allow):
    attempt_dataset(folder / "cvat.xml", content, settings_of(folder, "cvat", "cvat.xml"), allow)


@cases(3_000)
@given(content=mutated_xml(documents.VOC), allow=allowing)
def test_voc(folder, content, allow):
    attempt_dataset(folder / "voc/Annotations/a.xml", content, settings_of(folder, "voc", ""), allow)


@cases(3_000)
@given(content=mutated_xml(documents.VOC), allow=allowing)
def test_voc_xml(folder, content, allow):
    attempt_dataset(folder / "xml" / "a.xml", content, settings_of(folder, "voc_xml", "xml"), allow)


@cases(4_000)
@given(content=mutated_lines(documents.YOLO, " "), allow=allowing)
def test_yolo(folder, content, allow):
    attempt_dataset(folder / "labels" / "a.txt", content, settings_of(folder, "yolo", "labels"), allow)


@cases(3_000)
@given(content=mutated_tree(documents.NAMES), split=st.sampled_from([None, "train", "val"]), allow=allowing)
def test_the_table_of_yolo(folder, content, split, allow):
    (folder / "labels" / "a.txt").write_text(documents.YOLO)
    settings = settings_of(folder, "yolo", "data.yaml") | {"split": split}
    text = yaml.safe_dump(content, allow_unicode=True)
    attempt_dataset(folder / "data.yaml", text, settings, allow)


@cases(4_000)
@given(content=st.sampled_from([documents.TABLE, documents.HEADERLESS]).flatmap(mutated_lines), allow=allowing)
def test_csv(folder, content, allow):
    attempt_dataset(folder / "boxes.csv", content, settings_of(folder, "csv", "boxes.csv"), allow)


SOURCES = {
    "a.json": (json.dumps(documents.COCO), json.dumps(documents.LABELME), '[{"data": {}, "annotations": []}]'),
    "a.xml": (documents.CVAT, documents.VOC),
    "a.csv": (documents.TABLE, documents.HEADERLESS),
    "a.yaml": (yaml.safe_dump(documents.NAMES),),
    "a.txt": (documents.YOLO,),
}


@cases(5_000)
@given(data=st.data(), name=st.sampled_from(sorted(SOURCES)), allow=allowing)
def test_broken_bytes_of_any_format(folder, data, name, allow):
    """Their format is guessed."""
    content = data.draw(mutated_bytes(st.sampled_from(SOURCES[name]).map(str.encode)))
    with TemporaryDirectory(dir=folder) as boxes:
        path = Path(boxes, name)
        path.write_bytes(content)
        settings = attempt(lambda: guess_settings(folder / "images", path), [path], len(content))
        if settings:
            attempt_dataset(path, content, settings, allow)
