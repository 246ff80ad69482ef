"""Real photographs whose boxes are written in every format give the boxes that the reader of COCO gives."""

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as xml

import numpy as np
import pytest
from conftest import records
from PIL import Image, ImageDraw
from pycocotools import mask as rle
from scipy.ndimage import binary_dilation

from lpg.annotations.guess import guess_settings
from lpg.annotations.reader import Reader, open_reader
from lpg.photograph import Photograph

PHOTOGRAPHS = 12


@pytest.fixture(scope="module")
def real(benchmark, tmp_path_factory) -> tuple[Path, Reader, list[Photograph]]:
    """A folder of photographs of COCO with boxes, its reader and what it says."""
    coco = benchmark / "coco"
    settings = {"format": "coco", "images": coco / "images", "annotations": coco / "annotations/instances.json"}
    reader = open_reader(settings, "datasets.coco")
    boxed = [photograph for photograph in records(reader) if len(photograph.boxes)]
    photographs = sorted(boxed[:PHOTOGRAPHS], key=lambda photograph: photograph.name)
    folder = tmp_path_factory.mktemp("real") / "images"
    folder.mkdir()
    for photograph in photographs:
        shutil.copy(photograph.path, folder)
    return folder, reader, photographs


Objects = list[tuple[str, np.ndarray]]  # name of the class, edges


def write_yolo(path: Path, photographs: list[tuple[Photograph, Objects]], classes: list[str]) -> None:
    (path / "labels").mkdir()
    (path / "data.yaml").write_text(json.dumps({"names": classes}))  # JSON is YAML
    for photograph, objects in photographs:
        scale = np.array([photograph.width, photograph.height])
        lines = [
            " ".join(
                map(str, [classes.index(name), *((box[:2] + box[2:]) / 2 / scale), *((box[2:] - box[:2]) / scale)])
            )
            for name, box in objects
        ]
        (path / "labels" / f"{photograph.name}.txt").write_text("\r\n".join(lines))


def write_csv(path: Path, photographs: list[tuple[Photograph, Objects]], classes: list[str]) -> None:
    with (path / "boxes.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["filename", "width", "height", "class", "xmin", "ymin", "xmax", "ymax"])
        for photograph, objects in photographs:
            head = [photograph.path.name, photograph.width, photograph.height]
            table.writerows([*head, name, *box] for name, box in objects)


def write_open_images(path: Path, photographs: list[tuple[Photograph, Objects]], classes: list[str]) -> None:
    with (path / "boxes.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["ImageID", "Source", "LabelName", "Confidence", "XMin", "XMax", "YMin", "YMax", "IsGroupOf"])
        for photograph, objects in photographs:
            for name, (x0, y0, x1, y1) in objects:
                width, height = photograph.width, photograph.height
                edges = x0 / width, x1 / width, y0 / height, y1 / height
                table.writerow([photograph.name, "xclick", name, 1, *edges, 0])


def write_labelme(path: Path, photographs: list[tuple[Photograph, Objects]], classes: list[str]) -> None:
    for photograph, objects in photographs:
        shapes = [
            {"label": name, "points": box.reshape(2, 2).tolist(), "group_id": None, "shape_type": "rectangle"}
            for name, box in objects
        ]
        size = {"imageHeight": photograph.height, "imageWidth": photograph.width}
        content = {"shapes": shapes, "imagePath": f"..\\images\\{photograph.path.name}", "imageData": None, **size}
        (path / f"{photograph.name}.json").write_text(json.dumps(content))


def write_cvat(path: Path, photographs: list[tuple[Photograph, Objects]], classes: list[str]) -> None:
    root = xml.Element("annotations")
    labels = xml.SubElement(xml.SubElement(xml.SubElement(root, "meta"), "task"), "labels")
    for name in classes:
        xml.SubElement(xml.SubElement(labels, "label"), "name").text = name
    for index, (photograph, objects) in enumerate(photographs):
        size = {"width": str(photograph.width), "height": str(photograph.height)}
        image = xml.SubElement(root, "image", id=str(index), name=photograph.path.name, **size)
        for name, box in objects:
            edges = dict(zip(("xtl", "ytl", "xbr", "ybr"), (f"{edge:.2f}" for edge in box), strict=True))
            xml.SubElement(image, "box", label=name, occluded="0", z_order="0", **edges)
    xml.ElementTree(root).write(path / "annotations.xml", encoding="utf-8", xml_declaration=True)


def write_voc(path: Path, photographs: list[tuple[Photograph, Objects]], classes: list[str]) -> None:
    for photograph, objects in photographs:
        root = xml.Element("annotation")
        xml.SubElement(root, "filename").text = photograph.path.name
        for name, box in objects:
            found = xml.SubElement(root, "object")
            xml.SubElement(found, "name").text = name
            edges = xml.SubElement(found, "bndbox")
            for key, edge in zip(("xmin", "ymin", "xmax", "ymax"), box + np.array([1, 1, 0, 0]), strict=True):
                xml.SubElement(edges, key).text = f"{edge:.3f}"
        xml.ElementTree(root).write(path / f"{photograph.name}.xml")


@pytest.mark.parametrize("write", [write_yolo, write_csv, write_open_images, write_labelme, write_cvat, write_voc])
def test_boxes_of_real_photographs_are_those_of_coco(real, tmp_path, write: Callable):
    folder, coco, photographs = real
    named = [
        (
            photograph,
            [(coco.class_names[one - 1], box) for one, box in zip(photograph.class_ids, photograph.boxes, strict=True)],
        )
        for photograph in photographs
    ]
    write(tmp_path, named, coco.class_names)
    reader = open_reader(guess_settings(folder, tmp_path), "datasets.real")
    found = {photograph.name: photograph for photograph in records(reader)}
    assert list(found) == [photograph.name for photograph in photographs]
    for photograph, objects in named:
        same = found[photograph.name]
        assert [reader.class_names[one - 1] for one in same.class_ids] == [name for name, _ in objects]
        assert np.allclose(same.boxes, photograph.boxes, atol=0.011)
        assert (same.height, same.width) in ((photograph.height, photograph.width), (0, 0))
        assert same.path == folder / photograph.path.name


def write_polygons(path: Path, photograph: Photograph, items: list[dict], names: dict[int, str]) -> None:
    """As labelme has objects of several parts: a group each."""
    shapes = [
        {"label": names[item["category_id"]], "points": np.reshape(part, (-1, 2)).tolist(), "group_id": item["id"]}
        for item in items
        for part in item["segmentation"]
    ]
    content = {"shapes": shapes, "imagePath": photograph.path.name}
    (path / f"{photograph.name}.json").write_text(json.dumps(content))


def write_runs(path: Path, photograph: Photograph, items: list[dict], names: dict[int, str]) -> None:
    """As CVAT has masks: runs of the rows of a crop."""
    size = photograph.height, photograph.width
    image = xml.Element("image", id="0", name=photograph.path.name, height=str(size[0]), width=str(size[1]))
    for item in items:
        mask = rle.decode(rle.merge(rle.frPyObjects(item["segmentation"], *size)))
        rows, columns = np.nonzero(mask)
        left, top = columns.min(), rows.min()
        crop = mask[top : rows.max() + 1, left : columns.max() + 1]
        changes = np.flatnonzero(np.diff(crop.ravel(), prepend=0))
        runs = np.diff([0, *changes, crop.size])
        place = {"left": left, "top": top, "width": crop.shape[1], "height": crop.shape[0]}
        keys = {key: str(value) for key, value in place.items()}
        xml.SubElement(image, "mask", label=names[item["category_id"]], rle=", ".join(map(str, runs)), **keys)
    root = xml.Element("annotations")
    root.append(image)
    xml.ElementTree(root).write(path / "annotations.xml")


def as_labelme(items: list[dict], height: int, width: int, fill: int | None = 1) -> list[np.ndarray]:
    """The masks of objects of polygons as labelme draws them, outlines too; without fill, these alone."""
    masks = []
    for item in items:
        canvas = Image.new("1", (width, height))
        for part in item["segmentation"]:
            ImageDraw.Draw(canvas).polygon(list(map(tuple, np.reshape(part, (-1, 2)))), outline=1, fill=fill)
        masks.append(np.array(canvas))
    return masks


@pytest.mark.parametrize("write", [write_polygons, write_runs])
def test_masks_of_real_photographs_are_those_of_coco_or_what_the_tool_draws(benchmark, real, tmp_path, write: Callable):
    folder, coco, photographs = real
    content = json.loads((benchmark / "coco/annotations/instances.json").read_text())
    names = {item["id"]: item["name"] for item in content["categories"]}
    crowded = {item["image_id"] for item in content["annotations"] if item["iscrowd"]}
    for photograph in [photograph for photograph in photographs if photograph.id not in crowded][:3]:
        items = [item for item in content["annotations"] if item["image_id"] == photograph.id]
        place = tmp_path / photograph.name
        place.mkdir()
        write(place, photograph, items, names)
        reader = open_reader(guess_settings(folder, place), "datasets.real")
        same = replace(reader.record(photograph.name), height=photograph.height, width=photograph.width)
        size = photograph.height, photograph.width
        drawn, edges = as_labelme(items, *size), as_labelme(items, *size, fill=None)
        of_coco = coco.instance_masks(photograph)
        for mask, expected, own, edge in zip(reader.instance_masks(same), of_coco, drawn, edges, strict=True):
            assert np.array_equal(mask, own if write is write_polygons else expected)
            assert not ((mask != expected) & ~binary_dilation(edge, np.ones((3, 3)))).any()  # but for the outline
        if write is write_runs:
            ids = np.array([0, *(coco.class_names.index(name) + 1 for name in reader.class_names)])
            assert np.array_equal(ids[reader.label_map(same)], coco.label_map(photograph))
