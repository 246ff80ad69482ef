"""What we export, as the loaders of other tools read it: with the extra `readers` installed, else skipped."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from conftest import photograph_of, write_photograph

from lpg.annotations.exporters.annotated import Annotated
from lpg.annotations.exporters.registry import EXPORTERS

CLASSES = ("background", "cat", "dog")
NAMES = "a", "b c"


@pytest.fixture
def exported(tmp_path) -> Path:
    """Two photographs of 40 × 50 pixels, a round cat and a dog with a hole in each; `images`, `coco`, `yolo`, `voc`."""
    rows, columns = np.mgrid[:20, :20]
    distances = np.hypot(rows - 9.5, columns - 9.5)
    masks = [distances < 9, (distances < 10) & (distances > 4)]
    photographs = []
    for name in NAMES:
        write_photograph(tmp_path / "images" / f"{name}.jpg", 40, 50)
        boxes = [[2, 3, 22, 23], [28, 18, 48, 38]]
        image = photograph_of(40, 50, boxes, [1, 2], name=name, path=tmp_path / "images" / f"{name}.jpg")
        labels = np.zeros((40, 50), dtype=np.uint8)
        photographs.append(Annotated(image, masks, labels, [0.9, 0.8]))
        for index, class_id in enumerate((1, 2)):
            labels[photographs[-1].whole(index)] = class_id
    for kind in ("coco", "yolo", "voc"):
        EXPORTERS[kind].open()(photographs, CLASSES, tmp_path / kind)
    return tmp_path


def true_masks(exported: Path) -> list[np.ndarray]:
    coco = pytest.importorskip("pycocotools.coco").COCO(str(exported / "coco" / "instances.json"))
    return [coco.annToMask(coco.anns[key]) > 0 for key in (1, 2)]


def ious(found, true) -> list[float]:
    return [(one & other).sum() / (one | other).sum() for one, other in zip(found, true, strict=True)]


@pytest.mark.parametrize("kind", ["coco", "yolo"])
def test_supervision_reads_the_masks(exported, kind):
    datasets = pytest.importorskip("supervision").DetectionDataset
    images = str(exported / "images")
    if kind == "coco":
        read = datasets.from_coco(images, str(exported / "coco" / "instances.json"), force_masks=True)
    else:
        yolo = exported / "yolo"
        read = datasets.from_yolo(images, str(yolo / "labels"), str(yolo / "data.yaml"), force_masks=True)
    assert sorted(Path(path).stem for path in read.annotations) == sorted(NAMES)
    for found in read.annotations.values():
        assert [read.classes[index] for index in found.class_id] == ["cat", "dog"]
        assert min(ious(found.mask, true_masks(exported))) == 1


def test_supervision_reads_vocs_boxes(exported):
    datasets = pytest.importorskip("supervision").DetectionDataset
    read = datasets.from_pascal_voc(str(exported / "images"), str(exported / "voc" / "Annotations"))
    for found in read.annotations.values():
        assert np.abs(found.xyxy - [[2, 3, 22, 23], [28, 18, 48, 38]]).max() <= 1  # VOC's pixels count from 1


def test_ultralytics_reads_the_polygons(exported):
    dataset = pytest.importorskip("ultralytics.data.dataset").YOLODataset
    shutil.copytree(exported / "images", exported / "yolo" / "images")
    data = yaml.safe_load((exported / "yolo" / "data.yaml").read_text()) | {"channels": 3}
    labels = dataset(img_path=str(exported / "yolo" / "images"), data=data, task="segment").labels
    fill = pytest.importorskip("ultralytics.data.utils").polygon2mask
    for label in labels:
        assert label["cls"].ravel().tolist() == [0, 1]
        found = [fill((40, 50), [segment * [50, 40]], color=1) > 0 for segment in label["segments"]]
        assert min(ious(found, true_masks(exported))) == 1


def test_datumaro_reads_the_masks(exported):
    datumaro = pytest.importorskip("datumaro")
    (exported / "annotations").mkdir()
    file = shutil.copy(exported / "coco" / "instances.json", exported / "annotations" / "instances_train.json")
    read = datumaro.Dataset.import_from(str(file), "coco_instances")
    masks = {one.label: one.image for item in read for one in item.annotations if hasattr(one, "image")}
    assert json.loads((exported / "coco" / "instances.json").read_text())["annotations"][0]["score"] == 0.9
    assert min(ious([masks[label] > 0 for label in sorted(masks)], true_masks(exported))) == 1
