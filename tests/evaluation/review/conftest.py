"""Masks to be reviewed: drawn photographs with boxes, and what two stages made of them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import photograph_of
from PIL import Image

from lpg.evaluation.review import write_review
from lpg.files.boxes import BoxTable, write_boxes
from lpg.files.pseudo_masks import write_pseudo_masks

CLASSES = ("background", "cat", 'a "dog" <b>')
NAMES = ("été & <i>", 'quo"te', "third")  # of the photographs


def ellipse(height: int, width: int, part: float) -> np.ndarray:
    """A soft mask, uint8 (height, width): some part of the largest ellipse."""
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return np.where(rows**2 + columns**2 < part, 255, 0).astype(np.uint8)


@pytest.fixture
def files(tmp_path) -> Path:
    """A folder with `boxes.h5`, `masks1.h5` and `masks2.h5`: three photographs with two boxes each."""
    photographs = []
    for index, name in enumerate(NAMES):
        rows, columns = np.mgrid[:60, :90]
        pixels = np.stack([4 * rows, 2 * columns, 60 * index + 0 * rows], axis=2).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{index}.png")
        boxes = [[10, 10, 40, 50], [45.5, 5 + index, 80, 40]]
        photographs.append(photograph_of(60, 90, boxes, [1, 2], name=name, path=tmp_path / f"{index}.png"))
    write_boxes(photographs, CLASSES[1:], path=tmp_path / "boxes.h5", dataset="d")
    table = BoxTable([tmp_path / "boxes.h5"])
    for stage in (1, 2):
        masks = []
        for number, image in enumerate(table.images):
            inside = [(rows.stop - rows.start, columns.stop - columns.start) for rows, columns in image.inside]
            single = [ellipse(*size, (0.3 + 0.3 * stage) * (1 - 0.1 * number)) for size in inside]
            if (stage, number) == (2, 2):
                single[1][:] = 0
            masks.append((np.zeros((60, 90), np.uint8), np.zeros((2, 60, 90), np.uint8), single))
        write_pseudo_masks(tmp_path / f"masks{stage}.h5", CLASSES, table.images, masks)
    return tmp_path


@pytest.fixture
def review(files) -> Callable[..., Path]:
    """Write the page; gives its folder."""

    def write(folder: str = "review", **options) -> Path:
        masks = {str(stage): [files / f"masks{stage}.h5"] for stage in (1, 2)}
        write_review(files / folder, boxes=[files / "boxes.h5"], pseudo_masks=masks, title="Cats & <dogs>", **options)
        return files / folder

    return write
