"""Label maps of any origin: painted boxes, pseudo masks, ground truth, segmentations."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from lpg.classes import BACKGROUND, VOID, translate
from lpg.errors import InputError
from lpg.files.hdf5 import class_table, create_file, open_file, several, write_strings
from lpg.files.ragged import Entries, Ragged, RaggedWriter, read_names


def write_label_maps(
    path: str | Path,
    class_names: Sequence[str],
    names: Sequence[str],
    label_maps: Iterable[np.ndarray],
    provenance: dict | None = None,
) -> None:
    """Write a file that `LabelMaps` reads.

    Arguments:
        class_names: the background first; the numbers in the maps are positions in it.
        names: of the photographs, as in `boxes.h5`.
        label_maps: in the same order, uint8 (H, W), void 255; taken one at a time.

    Raises:
        InputError: the first class is not the background, a map is no such array or holds another number, or there are
            not as many maps as names.
    """
    if class_names[0] != BACKGROUND:
        raise InputError(f"{path}: the first class is '{class_names[0]}'", f"write {BACKGROUND} before the classes")
    with create_file(path, class_names, provenance) as file:
        writer = RaggedWriter(file, "label_maps")
        for label_map in label_maps:
            _check_map(label_map, len(class_names), f"{path}: map {len(writer)}")
            writer.append(label_map)
        if len(writer) != len(names):
            raise InputError(f"{path}: {len(writer)} maps for {len(names)} photographs", "give one for each")
        writer.close()
        write_strings(file, "images/name", names)


def _check_map(label_map: np.ndarray, classes: int, where: str) -> None:
    if label_map.dtype != np.uint8 or label_map.ndim != 2:
        shape = " × ".join(map(str, label_map.shape))
        raise InputError(f"{where} is {label_map.dtype} ({shape})", "give uint8 (H, W): 0 background, 255 void")
    highest = int(label_map.max(where=label_map != VOID, initial=0))
    if highest >= classes:
        raise InputError(
            f"{where} holds {highest}", f"give numbers below {classes}, one for each class, or 255 for void"
        )


class LabelMaps:
    """The label maps of one or more HDF5 files under one class table: `labels[name]` is uint8 (H, W), void 255.

    Arguments:
        paths: files with `images/name` and `label_maps`; where two hold the same image, the later one counts.
        class_names: the table to translate to; that of the first file by default.
    """

    def __init__(self, paths: str | Path | Sequence[str | Path], class_names: Sequence[str] | None = None) -> None:
        paths = several(paths)
        if class_names is None:
            with open_file(paths[0]) as file:
                class_names = class_table(file)
        self._files: list[tuple[Ragged, np.ndarray]] = []
        for path in paths:
            with open_file(path, "images/name", "label_maps/values") as file:
                ids = translate(class_table(file), class_names, str(path))
                maps = Ragged(path, "label_maps")
                if len(maps) != len(file["images/name"]):
                    raise ValueError("the numbers of photographs and of maps differ")
            self._files.append((maps, ids))
        self._entries = Entries([read_names(path) for path in paths])

    @property
    def names(self) -> list[str]:
        """The names of the photographs, `<dataset>/<name>`, each once, in the order in which they come first."""
        return self._entries.names.unique()

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def __getitem__(self, name: str) -> np.ndarray:
        """The label map of a photograph, uint8 (H, W), void 255.

        Raises:
            KeyError: no file has the photograph.
            InputError: the file is damaged.
        """
        file, entry = self._entries[name]
        maps, ids = self._files[file]
        return ids[maps[entry]]
