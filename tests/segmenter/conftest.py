"""Two photographs of coloured areas, with their boxes."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import photograph_of
from PIL import Image

from lpg.files.boxes import write_boxes


@pytest.fixture
def scene() -> Callable[[int, int], np.ndarray]:
    """Grey, a red left third, a blue lower right quarter, uint8 (H, W, 3)."""

    def paint(height: int, width: int) -> np.ndarray:
        photograph = np.full((height, width, 3), 128, dtype=np.uint8)
        photograph[:, : width // 3] = (230, 30, 30)
        photograph[height // 2 :, width // 2 :] = (30, 30, 230)
        return photograph

    return paint


@pytest.fixture
def dataset(tmp_path, scene) -> Path:
    """`boxes.h5` of two scenes of different shapes."""
    photographs = []
    for name, (height, width) in {"a": (64, 96), "b": (75, 50)}.items():
        path = tmp_path / f"{name}.png"
        Image.fromarray(scene(height, width)).save(path)
        boxes = [[0, 0, width // 3, height], [width // 2, height // 2, width, height]]
        photographs.append(photograph_of(height, width, boxes, [1, 2], name=name, path=path))
    write_boxes(photographs, ["red", "blue"], path=tmp_path / "boxes.h5", dataset="d")
    return tmp_path / "boxes.h5"
