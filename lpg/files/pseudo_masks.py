"""`pseudo_masks.h5`: labels^k of a dataset, and the soft masks of classes and of boxes that they come from."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np

from lpg.errors import InputError
from lpg.files.hdf5 import (
    class_table,
    create_file,
    open_file,
    read_offsets,
    several,
    write_ids,
    write_offsets,
    write_strings,
)
from lpg.files.ragged import Entries, Ragged, RaggedWriter, read_names
from lpg.photograph import Photograph

HALF = 128  # the least value of a soft mask that is object, where no method says otherwise
OPEN, ACCEPTED, REJECTED = 0, 1, 2  # a box's mask: nobody has decided on it, it stays, its box is void


def write_pseudo_masks(
    path: str | Path,
    class_names: Sequence[str],
    images: Sequence[Photograph],
    masks: Iterable[tuple[np.ndarray, np.ndarray, Sequence[np.ndarray]]],
    provenance: dict | None = None,
    verdicts: Sequence[Sequence[int]] = (),
    object_from: int = HALF,
) -> None:
    """Write `pseudo_masks.h5`, one photograph at a time.

    Arguments:
        images: the photographs of a `boxes.h5`, in its order.
        masks: of each the label map uint8 (H, W), the soft mask of every class that its boxes name, uint8
            (classes, H, W), and that of every box inside its own pixels, uint8 (h, w); 255 for 1.
        verdicts: of each what people have decided on its boxes, `OPEN`, `ACCEPTED` or `REJECTED`; written if any has.
        object_from: the least value of a soft mask that its method calls object, 1 to 255.
    """
    with create_file(path, class_names, provenance) as file:
        file.attrs["object_from"] = object_from
        labels, foreground = RaggedWriter(file, "label_maps"), RaggedWriter(file, "foreground", dimensions=3)
        boxes = RaggedWriter(file, "boxes")
        for label_map, classes, single in masks:
            labels.append(label_map)
            foreground.append(classes)
            for mask in single:
                boxes.append(mask)
        for writer in (labels, foreground, boxes):
            writer.close()
        write_strings(file, "images/name", (image.name for image in images), len(images))
        write_ids(file, "images/id", (image.id for image in images), len(images))
        write_offsets(file, "named", [len(image.classes) for image in images])
        file["named/class_id"] = np.fromiter((one for image in images for one in image.classes), np.uint8)
        write_offsets(file, "boxes", [len(image.boxes) for image in images])
        file["boxes/index"] = np.arange(len(boxes), dtype=np.int64)
        write_ids(file, "boxes/object_id", (key for image in images for key in image.object_ids), len(boxes))
        decided = np.array([verdict for own in verdicts for verdict in own], dtype=np.uint8)
        if decided.any():
            file["boxes/verdict"] = decided


def read_object_from(file: h5py.File) -> int:
    """The least value of its soft masks that is object; `HALF` of files that are older than the attribute.

    Raises:
        ValueError: it is none.
    """
    least = int(file.attrs.get("object_from", HALF))
    if not 1 <= least <= 255:
        raise ValueError(f"object_from is {least}, not from 1 to 255")
    return least


class _Masks(NamedTuple):
    """The soft masks of one file, where those of a photograph begin, and what is said of them."""

    foreground: Ragged
    boxes: Ragged
    offset: np.ndarray
    verdicts: np.ndarray | None
    object_from: int


class SoftMaskFile:
    """The soft masks of one or more `pseudo_masks.h5`, by photograph; their label maps are read by `LabelMaps`.

    Attributes:
        classes: the class table.

    Arguments:
        paths: a file, or several of one class table; where two hold the same image, the later one counts.
    """

    def __init__(self, paths: str | Path | Sequence[str | Path]) -> None:
        self._paths = paths = several(paths)
        self._files: list[_Masks] = []
        for path in paths:
            foreground, boxes = Ragged(path, "foreground"), Ragged(path, "boxes")
            with open_file(path, "images/name", "boxes/offset") as file:
                classes, offset = class_table(file), read_offsets(file, "boxes")
                verdicts = file["boxes/verdict"][:] if "boxes/verdict" in file else None
                least = read_object_from(file)
                if not len(foreground) == len(file["images/name"]) == len(offset) - 1 or offset[-1] != len(boxes):
                    raise ValueError("the numbers of photographs, boxes and masks differ")
            if path == paths[0]:
                self.classes = classes
            if classes != self.classes:
                raise InputError(f"{path} has another class table than {paths[0]}", "give files of one dataset")
            self._files.append(_Masks(foreground, boxes, offset, verdicts, least))
        self._entries = Entries([read_names(path) for path in paths])

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def foreground(self, name: str) -> np.ndarray:
        """The soft mask of every class that the boxes name, ascending, uint8 (classes, H, W)."""
        file, entry = self._entries[name]
        return self._files[file].foreground[entry]

    def boxes(self, name: str) -> list[np.ndarray]:
        """The soft mask of every box inside its own pixels, uint8 (h, w), in the order of `boxes.h5`."""
        file, entry = self._entries[name]
        found = self._files[file]
        return [found.boxes[position] for position in range(*found.offset[entry : entry + 2].tolist())]

    def of(self, image: Photograph) -> list[np.ndarray]:
        """The masks of `boxes` of a photograph to whose boxes they must fit.

        Raises:
            InputError: they do not, or there are none.
        """
        found = self.boxes(image.name) if image.name in self else []
        wanted = [(rows.stop - rows.start, columns.stop - columns.start) for rows, columns in image.inside]
        if [mask.shape for mask in found] != wanted:
            raise InputError(
                f"{', '.join(map(str, self._paths))} has other masks than {image.name} has boxes",
                "give the file that was made from this boxes.h5",
            )
        return found

    def object_from(self, name: str) -> int:
        """The least value of a photograph's soft masks that is object, as `Generator.object_from` of their method."""
        return self._files[self._entries[name][0]].object_from

    def verdicts(self, name: str) -> list[int]:
        """What people have decided on the masks of the boxes: `OPEN`, `ACCEPTED` or `REJECTED`."""
        file, entry = self._entries[name]
        found = self._files[file]
        own = slice(*found.offset[entry : entry + 2].tolist())
        return [OPEN] * (own.stop - own.start) if found.verdicts is None else found.verdicts[own].tolist()
