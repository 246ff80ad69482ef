"""Ground truth masks, in one layout for every annotation format.

`masks.h5` holds, for the photographs of a `boxes.h5` and in their order: the label map (`label_maps`, void 255) and the
mask of every box as COCO's compressed RLE (`instances`, aligned with `boxes/edges`).
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
        names, counts = [], []
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
            names.append(f"{dataset}/{record.name}")
            counts.append(len(masks))
        if not names:
            raise InputError(f"datasets.{dataset}: no photograph has a readable mask; mend what the log lists")
        labels.close()
        instances.close()
        write_strings(file, "images/name", names)
        file["boxes/offset"] = np.cumsum([0, *counts], dtype=np.int64)
    log.info("%d label maps, %d masks of boxes", len(names), sum(counts))


class InstanceMasks:
    """The mask of every box of one or more `masks.h5`: `masks(name, index, height, width)`."""

    def __init__(self, paths: Iterable[str | Path]) -> None:
        self._where: dict[str, tuple[Ragged, int]] = {}
        for path in paths:
            instances = Ragged(path, "instances")
            with open_file(path, "images/name", "boxes/offset") as file:
                offsets = file["boxes/offset"][:]
                for name, start in zip(read_strings(file, "images/name"), offsets[:-1], strict=True):
                    self._where[name] = (instances, int(start))

    def __contains__(self, name: str) -> bool:
        return name in self._where

    def __call__(self, name: str, index: int, height: int, width: int) -> np.ndarray:
        """The mask of box `index` of a photograph, uint8 (height, width)."""
        instances, start = self._where[name]
        return rle.decode({"size": [height, width], "counts": instances[start + index].tobytes()})
