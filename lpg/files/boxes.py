"""`boxes.h5`: the photographs of a dataset that have a box, their boxes, and the boxes painted, which is labels^0."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from operator import eq
from pathlib import Path
from typing import Self

import h5py
import numpy as np

from lpg.classes import BACKGROUND, merge, translate
from lpg.errors import InputError
from lpg.files.hdf5 import (
    class_table,
    create_file,
    iterate_strings,
    open_file,
    read_offsets,
    read_strings,
    several,
    write_ids,
    write_offsets,
    write_strings,
)
from lpg.files.ragged import Entries, Names, RaggedWriter, read_names
from lpg.jobs.log import track
from lpg.jobs.processes import ahead
from lpg.jobs.provenance import file_digest
from lpg.photograph import Photograph, in_dataset
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
        count = len(photographs)
        write_strings(file, "images/name", (in_dataset(dataset, image.name) for image in photographs), count)
        write_strings(file, "images/path", (str(image.path) for image in photographs), count)
        write_ids(file, "images/id", (image.id for image in photographs), count)
        write_strings(file, "images/digest", digests)
        sizes = np.fromiter((side for image in photographs for side in (image.height, image.width)), np.int32)
        file["images/size"] = sizes.reshape(-1, 2)
        upright = np.fromiter((image.upright for image in photographs), bool)
        if upright.any():  # files without one stay as they were
            file["images/upright"] = upright
        boxes = np.fromiter((len(image.boxes) for image in photographs), np.int64)
        write_offsets(file, "boxes", boxes)
        file["boxes/edges"] = _all(photographs, "boxes", np.float32).reshape(-1, 4)
        file["boxes/class_id"] = _all(photographs, "class_ids", np.uint8)
        write_ids(file, "boxes/object_id", (key for image in photographs for key in image.object_ids), boxes.sum())
        write_offsets(file, "excluded", np.fromiter((len(image.excluded) for image in photographs), np.int64))
        file["excluded/edges"] = _all(photographs, "excluded", np.float32).reshape(-1, 4)
        write_strings(file, "skipped/name", [name for name, _ in skipped])
        write_strings(file, "skipped/reason", [reason for _, reason in skipped])
        writer = RaggedWriter(file, "label_maps")
        for image in photographs:
            writer.append(paint_boxes(image.boxes, image.class_ids, image.height, image.width))
        writer.close()


def _all(photographs: Iterable[Photograph], what: str, dtype: type) -> np.ndarray:
    """An attribute of all photographs, one after another, flat."""
    values = bytearray()
    for image in photographs:
        values += np.ascontiguousarray(getattr(image, what), dtype).tobytes()
    return np.frombuffer(values, dtype)


class BoxTable:
    """The photographs and boxes of one or more `boxes.h5`, in memory, under one class table.

    They are kept as arrays, for there may be a hundred thousand; a `Photograph` is made when it is asked for.

    Arguments:
        paths: the files.
        class_names: the table to translate to; the union of the files' tables by default.
    """

    def __init__(self, paths: str | Path | Iterable[str | Path], class_names: Sequence[str] | None = None) -> None:
        paths = several(paths)
        if class_names is None:
            class_names = merged_classes(paths)
        self.classes = tuple(class_names)
        self._files = [_Columns(path, self.classes) for path in paths]
        self._entries = Entries([read_names(path) for path in paths])
        self._span = range(len(self._entries))
        if self._entries.names.repeated():
            raise InputError(f"{', '.join(map(str, paths))}: two photographs have the same name", "rename one of them")

    @property
    def images(self) -> "Photographs":
        """The photographs, a sequence in the order of the files, made one by one; their pixels are not read."""
        return Photographs(self._photograph, self._span)

    def _photograph(self, position: int) -> Photograph:
        file, entry = self._entries.at(position)
        return self._files[file].photograph(self._entries.names[position], entry)

    @property
    def names(self) -> list[str]:
        """The names of the photographs, `<dataset>/<name>`, in the order of `images`."""
        return [self._entries.names[position] for position in self._span]

    def photographs(self, watch: Callable[..., Iterator] = track) -> Iterator[tuple[Photograph, np.ndarray]]:
        """Every photograph, uint8 (H, W, 3), read ahead of its use; `watch` tells how far they are."""
        read = ahead(Photograph.read, ((image,) for image in self.images), pixels=lambda image: image.pixels)
        yield from zip(watch(self.images, "photographs"), read, strict=True)

    def as_read(self) -> bool:
        """Whether the photographs are, byte by byte, those that they were when their boxes were read."""
        known = [file.digests() for file in self._files]
        stored = (known[file][entry] for file, entry in map(self._entries.at, self._span))
        found = ahead(file_digest, ((image.path,) for image in self.images))
        try:
            return all(map(eq, stored, found))
        except (OSError, IndexError):  # one is gone, or no digests were written
            return False

    def part(self, span: slice) -> Self:
        """The table of some of the photographs, by their order."""
        part = copy(self)
        part._span = self._span[span]
        return part

    def __len__(self) -> int:
        return len(self._span)

    def __getitem__(self, name: str) -> Photograph:
        """The photograph of a name, `<dataset>/<name>`.

        Raises:
            KeyError: the table, or this part of it, has no such photograph.
        """
        position = self._entries.names.last(name)
        if position not in self._span:
            raise KeyError(name)
        return self._photograph(position)


class Photographs(Sequence):
    """The photographs of a table, made one by one."""

    def __init__(self, photograph: Callable[[int], Photograph], span: range) -> None:
        self._photograph, self._span = photograph, span

    def __len__(self) -> int:
        return len(self._span)

    def __getitem__(self, index: int | slice) -> Photograph | Self:
        if isinstance(index, slice):
            return Photographs(self._photograph, self._span[index])
        return self._photograph(self._span[index])


class _Columns:
    """What one file says of its photographs and boxes, class ids translated."""

    def __init__(self, path: str | Path, classes: Sequence[str]) -> None:
        self._path = path
        with open_file(path, "images/name", "boxes/edges", "excluded/edges") as file:
            ids = translate(class_table(file), classes, str(path))
            self._paths, self._sizes = Names(iterate_strings(file, "images/path")), file["images/size"][:]
            self._keys, self._object_ids = (_Ids(file, name) for name in ("images/id", "boxes/object_id"))
            self._edges, self._class_ids = file["boxes/edges"][:], ids[file["boxes/class_id"][:]]
            self._excluded = file["excluded/edges"][:]
            self._offset, self._excluded_offset = (read_offsets(file, group) for group in ("boxes", "excluded"))
            self._upright = file["images/upright"][:] if "images/upright" in file else np.zeros(len(self._sizes), bool)
            self._check(len(file["images/name"]), len(self._edges), len(classes))

    def _check(self, photographs: int, boxes: int, classes: int) -> None:
        """Check that all is there that `write_boxes` wrote; another's file may lack some of it.

        Raises:
            ValueError: boxes are lost, leave their photograph, or are of no class.
        """
        offsets = (len(self._offset) - 1, len(self._excluded_offset) - 1)
        if {*offsets, len(self._paths), len(self._sizes), len(self._keys), len(self._upright)} != {photographs}:
            raise ValueError("the numbers of photographs, paths, sizes and ids differ")
        if {int(self._offset[-1]), len(self._class_ids), len(self._object_ids)} != {boxes}:
            raise ValueError("the numbers of boxes, classes and ids differ")
        if self._excluded_offset[-1] != len(self._excluded) or self._excluded.shape[1:] != (4,):
            raise ValueError("excluded boxes are lost")
        if not np.isfinite(self._excluded).all():
            raise ValueError("an excluded box has an edge that is no number")
        limits = np.tile(self._sizes[:, ::-1], 2).repeat(np.diff(self._offset), axis=0)
        if (self._sizes < 1).any() or not ((self._edges >= 0) & (self._edges <= limits)).all():
            raise ValueError("a box leaves its photograph, or a photograph has no size")
        if not ((self._class_ids > 0) & (self._class_ids < classes)).all():
            raise ValueError("a box is of no class")

    def digests(self) -> list[str]:
        """The digests of the bytes of the photographs."""
        with open_file(self._path) as file:
            return read_strings(file, "images/digest")

    def photograph(self, name: str, entry: int) -> Photograph:
        own, others = (slice(*offset[entry : entry + 2]) for offset in (self._offset, self._excluded_offset))
        height, width = self._sizes[entry].tolist()
        return Photograph(
            name=name,
            path=self._paths[entry],
            height=height,
            width=width,
            boxes=self._edges[own],
            class_ids=self._class_ids[own],
            id=self._keys[entry],
            object_ids=self._object_ids[own],
            excluded=self._excluded[others],
            upright=bool(self._upright[entry]),
        )


class _Ids:
    """The ids of an annotation, numbers or text, kept as the JSON that the file has."""

    def __init__(self, file: h5py.File, name: str) -> None:
        self._texts = Names(map(_checked, iterate_strings(file, name)))

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, at: int | slice) -> int | str | list[int | str]:
        if isinstance(at, slice):
            return [self[position] for position in range(int(at.start), int(at.stop))]
        return json.loads(self._texts[at])


def _checked(text: str) -> str:
    """The text, if it is JSON.

    Raises:
        ValueError: it is none.
    """
    json.loads(text)
    return text


def merged_classes(paths: Iterable[str | Path]) -> tuple[str, ...]:
    """The union of the class tables of HDF5 files, background first."""
    tables = []
    for path in paths:
        with open_file(path) as file:
            tables.append(class_table(file))
    return merge(tables)
