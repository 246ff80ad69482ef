"""Label maps of any origin: painted boxes, pseudo masks, ground truth, segmentations."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from lpg.classes import translate
from lpg.files.hdf5 import class_table, create_file, open_file, read_strings, write_strings
from lpg.files.ragged import Ragged, RaggedWriter


def write_label_maps(
    path: str | Path,
    class_names: Sequence[str],
    names: Sequence[str],
    label_maps: Iterable[np.ndarray],
    provenance: dict | None = None,
) -> None:
    """Write a file that `LabelMaps` reads; the maps, uint8 (H, W), are taken one at a time."""
    with create_file(path, class_names, provenance) as file:
        writer = RaggedWriter(file, "label_maps")
        for label_map in label_maps:
            writer.append(label_map)
        writer.close()
        write_strings(file, "images/name", names)


class LabelMaps:
    """The label maps of one or more HDF5 files under one class table: `labels[name]` is uint8 (H, W), void 255.

    Arguments:
        paths: files with `images/name` and `label_maps`; where two hold the same image, the later one counts.
        class_names: the table to translate to; that of the first file by default.
    """

    def __init__(self, paths: Sequence[str | Path], class_names: Sequence[str] | None = None) -> None:
        if class_names is None:
            with open_file(paths[0]) as file:
                class_names = class_table(file)
        self._where: dict[str, tuple[Ragged, int, np.ndarray]] = {}
        for path in paths:
            with open_file(path, "images/name", "label_maps/values") as file:
                ids = translate(class_table(file), class_names, str(path))
                names, maps = read_strings(file, "images/name"), Ragged(path, "label_maps")
                own = {name: (maps, index, ids) for name, index in zip(names, range(len(maps)), strict=True)}
            self._where |= own

    @property
    def names(self) -> list[str]:
        return list(self._where)

    def __contains__(self, name: str) -> bool:
        return name in self._where

    def __getitem__(self, name: str) -> np.ndarray:
        maps, index, ids = self._where[name]
        return ids[maps[index]]
