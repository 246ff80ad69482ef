"""`masks.h5`: the ground truth of the photographs of a `boxes.h5`, as label maps and as one mask per box."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from pycocotools import mask as rle

from lpg.files.hdf5 import create_file, open_file, read_spans, read_strings, write_offsets, write_strings
from lpg.files.ragged import Ragged, RaggedWriter


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

    def __init__(self, paths: Iterable[str | Path]) -> None:
        self._where: dict[str, tuple[Ragged, int, np.ndarray]] = {}
        for path in paths:
            instances = Ragged(path, "instances")
            with open_file(path, "images/name", "boxes/offset", "boxes/area") as file:
                areas, spans, names = (
                    file["boxes/area"][:],
                    read_spans(file, "boxes"),
                    read_strings(file, "images/name"),
                )
                if not len(areas) == len(instances) == (spans[-1].stop if spans else 0):
                    raise ValueError("the numbers of masks and of their areas differ")
                own = {name: (instances, span.start, areas[span]) for name, span in zip(names, spans, strict=True)}
            self._where |= own

    def __contains__(self, name: str) -> bool:
        return name in self._where

    def __call__(self, name: str, index: int, height: int, width: int) -> np.ndarray:
        """The mask of box `index` of a photograph, uint8 (height, width)."""
        instances, start, _ = self._where[name]
        return rle.decode({"size": [height, width], "counts": instances[start + index].tobytes()})

    def areas(self, name: str) -> np.ndarray:
        """The pixels of the mask of every box of a photograph, int64 (N,); 0 where the object has none."""
        return self._where[name][2]
