"""`boxes.h5`: the photographs of a dataset that have a box, their boxes, and the boxes painted, which is labels^0."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from pathlib import Path
from typing import Self

import numpy as np

from lpg.classes import BACKGROUND, merge, translate
from lpg.errors import InputError
from lpg.files.hdf5 import (
    class_table,
    create_file,
    open_file,
    read_ids,
    read_spans,
    read_strings,
    write_ids,
    write_offsets,
    write_strings,
)
from lpg.files.ragged import RaggedWriter
from lpg.jobs.log import track
from lpg.jobs.processes import ahead
from lpg.photograph import Photograph
from lpg.pixels.box_maps import paint_boxes


def write_boxes(
    photographs: Sequence[Photograph],
    class_names: Sequence[str],
    *,
    path: str | Path,
    dataset: str,
    digests: Sequence[str] = (),
    skipped: Sequence[tuple[str, str]] = (),
    provenance: dict | None = None,
) -> None:
    """Write `boxes.h5`; a photograph is known as `<dataset>/<name>` from here on.

    Arguments:
        class_names: the classes of the boxes' ids 1, 2, …
        digests: of the bytes of every photograph, so that the content of this file changes when one of them does.
        skipped: the photographs left out, each with the reason.
    """
    with create_file(path, (BACKGROUND, *class_names), provenance) as file:
        write_strings(file, "images/name", [f"{dataset}/{image.name}" for image in photographs])
        write_strings(file, "images/path", [str(image.path) for image in photographs])
        write_ids(file, "images/id", [image.id for image in photographs])
        write_strings(file, "images/digest", digests)
        file["images/size"] = np.array([(image.height, image.width) for image in photographs], dtype=np.int32)
        if any(image.upright for image in photographs):  # files without one stay as they were
            file["images/upright"] = np.array([image.upright for image in photographs])
        write_offsets(file, "boxes", [len(image.boxes) for image in photographs])
        file["boxes/edges"] = np.concatenate([image.boxes for image in photographs])
        file["boxes/class_id"] = np.concatenate([image.class_ids for image in photographs]).astype(np.uint8)
        write_ids(file, "boxes/object_id", [key for image in photographs for key in image.object_ids])
        write_offsets(file, "excluded", [len(image.excluded) for image in photographs])
        file["excluded/edges"] = np.concatenate([image.excluded for image in photographs])
        write_strings(file, "skipped/name", [name for name, _ in skipped])
        write_strings(file, "skipped/reason", [reason for _, reason in skipped])
        writer = RaggedWriter(file, "label_maps")
        for image in photographs:
            writer.append(paint_boxes(image.boxes, image.class_ids, image.height, image.width))
        writer.close()


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
        self.images: list[Photograph] = []
        for path in paths:
            self.images += self._read(path)
        self._index = {image.name: position for position, image in enumerate(self.images)}
        if len(self._index) < len(self.images):
            raise InputError(f"{', '.join(map(str, paths))}: two photographs have the same name", "rename one of them")

    def _read(self, path: str | Path) -> list[Photograph]:
        with open_file(path, "images/name", "boxes/edges", "excluded/edges") as file:
            ids = translate(class_table(file), self.classes, str(path))
            names, photographs = read_strings(file, "images/name"), read_strings(file, "images/path")
            sizes, keys = file["images/size"][:].tolist(), read_ids(file, "images/id")
            spans, object_ids = read_spans(file, "boxes"), read_ids(file, "boxes/object_id")
            edges, class_ids = file["boxes/edges"][:], ids[file["boxes/class_id"][:]]
            excluded, others = file["excluded/edges"][:], read_spans(file, "excluded")
            upright = file["images/upright"][:].tolist() if "images/upright" in file else [False] * len(names)
            rows = zip(names, photographs, sizes, keys, spans, others, upright, strict=True)
            images = [
                Photograph(
                    name, path, *size, edges[own], class_ids[own], key, object_ids[own], excluded[other], upright=turned
                )
                for name, path, size, key, own, other, turned in rows
            ]
            _check(images, len(edges), len(self.classes))
        return images

    @property
    def names(self) -> list[str]:
        return [image.name for image in self.images]

    def photographs(self, watch: Callable[..., Iterator] = track) -> Iterator[tuple[Photograph, np.ndarray]]:
        """Every photograph, uint8 (H, W, 3), read ahead of its use; `watch` tells how far they are."""
        pixels = ahead(Photograph.read, ((image,) for image in self.images))
        yield from zip(watch(self.images, "photographs"), pixels, strict=True)

    def part(self, span: slice) -> Self:
        """The table of some of the photographs, by their order."""
        part = copy(self)
        part.images = self.images[span]
        part._index = {image.name: position for position, image in enumerate(part.images)}
        return part

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, name: str) -> Photograph:
        return self.images[self._index[name]]


def _check(images: Sequence[Photograph], boxes: int, classes: int) -> None:
    """What `write_boxes` wrote has all this; another's file may not.

    Raises:
        ValueError: boxes are lost, leave their photograph, or are of no class.
    """
    sizes = np.array([(image.width, image.height) for image in images], dtype=np.int64).reshape(-1, 2)
    counts = [len(image.boxes) for image in images]
    edges = np.concatenate([np.zeros((0, 4), np.float32), *(image.boxes for image in images)])
    kinds = np.concatenate([np.zeros(0, np.uint8), *(image.class_ids for image in images)])
    if len(edges) != boxes or any(not len(one.boxes) == len(one.class_ids) == len(one.object_ids) for one in images):
        raise ValueError("the numbers of boxes, classes and ids differ")
    if (sizes < 1).any() or not ((edges >= 0) & (edges <= np.tile(sizes, 2).repeat(counts, axis=0))).all():
        raise ValueError("a box leaves its photograph, or a photograph has no size")
    if not all(np.isfinite(image.excluded).all() and image.excluded.shape[1:] == (4,) for image in images):
        raise ValueError("an excluded box has an edge that is no number")
    if not ((kinds > 0) & (kinds < classes)).all():
        raise ValueError("a box is of no class")


def merged_classes(paths: Iterable[str | Path]) -> tuple[str, ...]:
    """The union of the class tables of HDF5 files, background first."""
    tables = []
    for path in paths:
        with open_file(path) as file:
            tables.append(class_table(file))
    return merge(tables)
