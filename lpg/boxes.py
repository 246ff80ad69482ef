"""The photographs and boxes of `boxes.h5`, which `lpg.extraction` writes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lpg import classes
from lpg.box_maps import box_map
from lpg.errors import InputError
from lpg.parallel import ahead
from lpg.photographs import read_photograph
from lpg.progress import track
from lpg.storage import class_table, open_file, read_strings


@dataclass(frozen=True)
class Image:
    """One photograph of `BoxTable`; `boxes` float32 (N, 4), `class_ids` (N,) of the table's classes."""

    name: str
    path: str
    height: int
    width: int
    boxes: np.ndarray
    class_ids: np.ndarray

    @property
    def classes(self) -> list[int]:
        """The classes that the boxes name, ascending."""
        return np.unique(self.class_ids).tolist()

    def box_map(self, class_id: int) -> np.ndarray:
        """y^b of one class, bool (H, W)."""
        return box_map(self.boxes[self.class_ids == class_id], self.height, self.width)

    def box_maps(self) -> np.ndarray:
        """y^b of every class that the boxes name, in the order of `classes`, bool (classes, H, W)."""
        return np.stack([self.box_map(class_id) for class_id in self.classes])


class BoxTable:
    """The photographs and boxes of one or more `boxes.h5`, in memory, under one class table.

    Arguments:
        paths: the files.
        class_names: the table to translate to; the union of the files' tables by default.
    """

    def __init__(self, paths: Iterable[str | Path], class_names: Sequence[str] | None = None) -> None:
        paths = list(paths)
        if class_names is None:
            class_names = merged_classes(paths)
        self.classes = tuple(class_names)
        self.images: list[Image] = []
        for path in paths:
            self.images += self._read(path)
        self._index = {image.name: position for position, image in enumerate(self.images)}
        if len(self._index) < len(self.images):
            raise InputError(f"{', '.join(map(str, paths))}: two photographs have the same name")

    def _read(self, path: str | Path) -> list[Image]:
        with open_file(path, "images/name", "boxes/edges") as file:
            ids = classes.translate(class_table(file), self.classes, str(path))
            names, photographs = read_strings(file, "images/name"), read_strings(file, "images/path")
            sizes, offsets = file["images/size"][:], file["boxes/offset"][:]
            edges, class_ids = file["boxes/edges"][:], ids[file["boxes/class_id"][:]]
        return [
            Image(name, photograph, int(height), int(width), edges[start:stop], class_ids[start:stop])
            for name, photograph, (height, width), start, stop in zip(
                names, photographs, sizes, offsets[:-1], offsets[1:], strict=True
            )
        ]

    @property
    def names(self) -> list[str]:
        return [image.name for image in self.images]

    def photographs(self) -> Iterator[tuple[Image, np.ndarray]]:
        """Every photograph, uint8 (H, W, 3), read ahead of its use, with progress in the log."""
        pixels = ahead(read_photograph, ((image.path,) for image in self.images))
        yield from zip(track(self.images, "photographs"), pixels, strict=True)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, name: str) -> Image:
        return self.images[self._index[name]]


def merged_classes(paths: Iterable[str | Path]) -> tuple[str, ...]:
    """The union of the class tables of HDF5 files, background first."""
    tables = []
    for path in paths:
        with open_file(path) as file:
            tables.append(class_table(file))
    return classes.merge(tables)
