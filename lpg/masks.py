"""Ground truth masks, in one layout for every annotation format.

`masks.h5` holds, for the photographs of a `boxes.h5` and in their order: the label map (`label_maps`, void 255) and the
mask of every box as COCO's compressed RLE (`instances`, aligned with `boxes/edges`) with its area (`boxes/area`).
"""

import logging
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from pycocotools import mask as rle

from lpg.boxes import BoxTable, check_boxes, read_dataset
from lpg.classes import BACKGROUND
from lpg.errors import InputError
from lpg.storage import Ragged, RaggedWriter, create_file, open_file, read_strings, write_strings

log = logging.getLogger(__name__)


def extract_masks(
    settings: dict,
    *,
    dataset: str,
    boxes: str | Path,
    skip_unreadable: bool,
    path: str | Path,
    provenance: dict | None = None,
) -> None:
    """Write `masks.h5` for the photographs of `boxes`.

    Raises:
        InputError: a mask is missing, malformed or of another size than its photograph (unless `skip_unreadable`).
    """
    table = BoxTable([boxes])
    reader = read_dataset(settings, f"datasets.{dataset}")
    prefix = len(dataset) + 1
    records = reader.records([image.name[prefix:] for image in table.images])
    with create_file(path, (BACKGROUND, *reader.class_names), provenance) as file:
        labels = RaggedWriter(file, "label_maps")
        instances = RaggedWriter(file, "instances", dimensions=1)
        names, counts, areas = [], [], []
        for record in records:
            try:
                label_map, masks = reader.label_map(record), reader.instance_masks(check_boxes(record, clip=True))
            except InputError as error:
                if not skip_unreadable:
                    raise
                log.warning("skipped: %s", error)
                continue
            labels.append(label_map)
            for mask in masks:
                encoded = rle.encode(np.asfortranarray(mask))["counts"]
                instances.append(np.frombuffer(encoded, dtype=np.uint8))
                areas.append(np.count_nonzero(mask))
            names.append(f"{dataset}/{record.name}")
            counts.append(len(masks))
        if not names:
            raise InputError(f"datasets.{dataset}: no photograph has a readable mask; mend what the log lists")
        labels.close()
        instances.close()
        write_strings(file, "images/name", names)
        file["boxes/offset"] = np.cumsum([0, *counts], dtype=np.int64)
        file["boxes/area"] = np.array(areas, dtype=np.int64)
    log.info("%d label maps; %d of %d boxes have a mask", len(names), np.count_nonzero(areas), len(areas))


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
