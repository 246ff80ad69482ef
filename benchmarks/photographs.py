"""Photographs of 500 pixels with boxes, those inside scikit-image, as files of ours in a folder."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from lpg.acquisition.photographs import BOXED
from lpg.files.boxes import BoxTable, write_boxes
from lpg.generators.interface import Request
from lpg.generators.learned.apply import LearnedGenerator
from lpg.photograph import Photograph
from lpg.pixels.fusion import fuse_foreground

LONG_SIDE = 500
VOC_CLASSES = 20


@dataclass(frozen=True)
class Boxed:
    """A `boxes.h5`, and the table in it."""

    path: Path
    table: BoxTable


def write_boxed(folder: Path) -> Boxed:
    """Write the photographs as JPEG files, and `boxes.h5` with as many classes as VOC has."""
    names = sorted({name for objects in BOXED.values() for name, _ in objects})
    photographs = []
    for number, (load, objects) in enumerate(BOXED.items()):
        whole = Image.fromarray(load())
        scale = LONG_SIDE / max(whole.size)
        width, height = (round(side * scale) for side in whole.size)
        path = folder / f"{load.__name__}.jpg"
        whole.resize((width, height)).save(path, quality=92)
        edges = np.array([box for _, box in objects], dtype=np.float32) * scale
        edges = edges.clip(max=np.array([width, height, width, height], dtype=np.float32))
        ids = np.array([1 + names.index(name) for name, _ in objects])
        keys = [f"{number}.{index}" for index in range(len(objects))]
        photographs.append(Photograph(path.stem, path, height, width, edges, ids, number, keys))
    classes = names + [f"class {index}" for index in range(len(names), VOC_CLASSES)]
    path = folder / "boxes.h5"
    digests = [image.name for image in photographs]
    write_boxes(photographs, classes, path=path, dataset="photographs", digests=digests)
    return Boxed(path, BoxTable([path]))


def labels_of(generator: LearnedGenerator, image: Photograph, photograph: np.ndarray) -> np.ndarray:
    """The label map of a photograph, uint8 (H, W), without a segmenter's scores."""
    (soft,) = generator([Request(image, photograph, {})])
    return fuse_foreground(image.classes, soft.foreground, image.box_maps(), generator.band, generator.fusion)
