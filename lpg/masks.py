"""The masks of single objects in `masks.h5`, which `lpg.extraction` writes."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from pycocotools import mask as rle

from lpg.storage import Ragged, open_file, read_strings


class InstanceMasks:
    """The mask of every box of one or more `masks.h5`: `masks(name, index, height, width)`."""

    def __init__(self, paths: Iterable[str | Path]) -> None:
        self._where: dict[str, tuple[Ragged, int, np.ndarray]] = {}
        for path in paths:
            instances = Ragged(path, "instances")
            with open_file(path, "images/name", "boxes/offset", "boxes/area") as file:
                offsets, areas = file["boxes/offset"][:], file["boxes/area"][:]
                names = read_strings(file, "images/name")
            for name, start, areas_here in zip(names, offsets[:-1], np.split(areas, offsets[1:-1]), strict=True):
                self._where[name] = (instances, int(start), areas_here)

    def __contains__(self, name: str) -> bool:
        return name in self._where

    def __call__(self, name: str, index: int, height: int, width: int) -> np.ndarray:
        """The mask of box `index` of a photograph, uint8 (height, width)."""
        instances, start, _ = self._where[name]
        return rle.decode({"size": [height, width], "counts": instances[start + index].tobytes()})

    def areas(self, name: str) -> np.ndarray:
        """The pixels of the mask of every box of a photograph, int64 (N,); 0 where the object has none."""
        return self._where[name][2]
