"""`masks.h5`: the ground truth of the photographs of a `boxes.h5`, as label maps and as one mask per box."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from pycocotools import mask as rle

from lpg.files.hdf5 import create_file, open_file, read_offsets, several, write_offsets, write_strings
from lpg.files.ragged import Entries, Ragged, RaggedWriter, read_names


def write_ground_truth(
    path: str | Path,
    class_names: Sequence[str],
    truth: Iterable[tuple[str, np.ndarray, Iterable[np.ndarray]]],
    provenance: dict | None = None,
) -> np.ndarray:
    """Write `masks.h5`, one photograph and one mask at a time.

    Arguments:
        truth: name, label map uint8 (H, W; void 255) and one mask per box, uint8 (H, W), empty where the box has none.

    Returns: the pixels of every box's mask, int64 (B,).
    """
    with create_file(path, class_names, provenance) as file:
        labels, instances = RaggedWriter(file, "label_maps"), RaggedWriter(file, "instances", dimensions=1)
        names, counts, areas = [], [], []
        for name, label_map, masks in truth:
            labels.append(label_map)
            before = len(areas)
            for mask in masks:
                encoded = rle.encode(np.asfortranarray(mask))
                instances.append(np.frombuffer(encoded["counts"], dtype=np.uint8))
                areas.append(int(rle.area(encoded)))
            names.append(name)
            counts.append(len(areas) - before)
        labels.close()
        instances.close()
        write_strings(file, "images/name", names)
        write_offsets(file, "boxes", counts)
        file["boxes/area"] = np.array(areas, dtype=np.int64)
    return np.array(areas, dtype=np.int64)


class InstanceMasks:
    """The mask of every box of one or more `masks.h5`: `masks(name, index, height, width)`.

    Their label maps are read by `LabelMaps`, as those of any file.
    """

    def __init__(self, paths: str | Path | Iterable[str | Path]) -> None:
        paths, self._files = several(paths), []
        for path in paths:
            instances = Ragged(path, "instances")
            with open_file(path, "images/name", "boxes/offset", "boxes/area") as file:
                offset, areas = read_offsets(file, "boxes"), file["boxes/area"][:]
                if not len(areas) == len(instances) == offset[-1] or len(offset) - 1 != len(file["images/name"]):
                    raise ValueError("the numbers of masks and of their areas differ")
                self._files.append((instances, offset, areas))
        self._entries = Entries([read_names(path) for path in paths])

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def __call__(self, name: str, index: int, height: int, width: int) -> np.ndarray:
        """The mask of box `index` of a photograph, uint8 (height, width)."""
        file, entry = self._entries[name]
        instances, offset, _ = self._files[file]
        return rle.decode({"size": [height, width], "counts": instances[offset[entry] + index].tobytes()})

    def areas(self, name: str) -> np.ndarray:
        """The pixels of the mask of every box of a photograph, int64 (N,); 0 where the object has none."""
        file, entry = self._entries[name]
        _, offset, areas = self._files[file]
        return areas[offset[entry] : offset[entry + 1]]
