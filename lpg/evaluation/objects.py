"""How well single objects are masked, by dataset, by size and by class: IoU of masks and of their rims, and AP."""

import logging
from array import array
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd

from lpg.errors import InputError
from lpg.evaluation.average_precision import AveragePrecision, Rated
from lpg.evaluation.boundaries import boundary
from lpg.evaluation.compared import compared_objects
from lpg.evaluation.quality_table import Ratings
from lpg.files.atomic import replace_atomically
from lpg.files.boxes import BoxTable
from lpg.files.pseudo_masks import HALF
from lpg.photograph import dataset_of
from lpg.pixels.rle import encode
from lpg.pixels.shapes import mask_iou

log = logging.getLogger(__name__)

SIZES = {"small": 0, "medium": 32**2, "large": 96**2}  # COCO's: pixels of the object from which on it is one


def score_objects(
    *,
    boxes: Sequence[str | Path],
    truth: Sequence[str | Path],
    masks: Sequence[str | Path],
    path: str | Path,
    quality: Sequence[str | Path] = (),
) -> None:
    """Write `objects.tsv`: per dataset, all objects, then those of a size and those of a class.

    Columns: `split`, `of` (all, a size, a class), `objects`, `iou` (mean, in per cent), `above_50` and `above_75` (per
    cent of the objects whose IoU is above), `boundary_iou` (mean, in per cent), and `ap`, `ap_50`, `ap_75` and
    `boundary_ap` of `AveragePrecision`. A row per dataset for every group that has an object.

    Arguments:
        boxes, truth, masks: `boxes.h5`, `masks.h5` and `pseudo_masks.h5` of the same datasets. Objects without a mask
            in the ground truth are left out, and so are void pixels.
        quality: `quality.tsv` of the same datasets, which ranks the masks for AP; without, each is ranked by its mean
            soft value.
    """
    ranks = [Ratings([file]) for file in quality] or [None] * len(boxes)
    tables = [_table(*files) for files in zip(boxes, truth, masks, ranks, strict=True)]
    if all(table.empty for table in tables):
        raise InputError(f"{', '.join(map(str, truth))}: no object has a mask", "score on a dataset with masks")
    summary = pd.concat([table for table in tables if not table.empty])
    with replace_atomically(path) as partial:
        summary.to_csv(partial, sep="\t", float_format="%.1f")
    for split, row in summary.xs("all", level="of").iterrows():
        log.info(
            "%s: %d objects, mean IoU %.1f, of boundaries %.1f, AP %.1f",
            split, row["objects"], row["iou"], row["boundary_iou"], row["ap"],
        )  # fmt: skip


def _table(boxes: str | Path, truth: str | Path, masks: str | Path, ranks: Ratings | None) -> pd.DataFrame:
    """The rows of a dataset; none where no object has a true mask."""
    table, overlaps, precision, split = BoxTable([boxes]), _Overlaps(), AveragePrecision(SIZES), ""
    for name, objects in groupby(compared_objects(table, truth, masks), key=lambda one: one.image.name):
        split, rated = dataset_of(name), []
        for one in objects:  # of their masks, run lengths are kept until the next photograph, and nothing after it
            class_name = _group(table.classes[one.image.class_ids[one.index]])
            score = confidence(one.soft, one.object_from) if ranks is None else ranks.of(name, one.index).likely
            rated.append(Rated(class_name, score, encode(one.mask), encode(one.true), one.area))
            overlaps.add(size_of(one.area), class_name, one.iou, mask_iou(boundary(one.mask), boundary(one.true)))
        precision.add(rated)
    if not split:
        return pd.DataFrame()
    return pd.concat({split: overlaps.table().join(precision.table(), validate="1:1")}, names=["split", "of"])


def _group(class_name: str) -> str:
    """What the row of a class is called; a class may have the name of a size."""
    return f"class {class_name}" if class_name in ("all", *SIZES) else class_name


class _Overlaps:
    """The IoU of every object and that of its rim, by its size and its class."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], array] = {}  # one after the other

    def add(self, size: str, class_name: str, iou: float, boundary_iou: float) -> None:
        self._values.setdefault((size, class_name), array("d")).extend((iou, boundary_iou))

    def table(self) -> pd.DataFrame:
        """A row for all, for every size and for every class that has an object."""
        sizes, classes = ({key[at] for key in self._values} for at in (0, 1))
        groups = ["all", *(size for size in SIZES if size in sizes), *sorted(classes)]
        return pd.DataFrame([self._row(group) for group in groups], index=groups)

    def _row(self, group: str) -> dict[str, float]:
        own = [values for key, values in self._values.items() if group in ("all", *key)]
        ious, rims = np.concatenate(own).reshape(-1, 2).T
        return {
            "objects": len(ious),
            "iou": 100 * ious.mean(),
            "above_50": 100 * (ious > 0.5).mean(),
            "above_75": 100 * (ious > 0.75).mean(),
            "boundary_iou": 100 * rims.mean(),
        }


def confidence(soft: np.ndarray, object_from: int = HALF) -> float:
    """The mean of a soft mask, uint8 with 255 for 1, over the pixels that it calls object; 0 where it calls none so."""
    inside = soft[soft >= object_from]
    return float(inside.mean()) / 255 if inside.size else 0.0


def size_of(area: int) -> str:
    """`small`, `medium` or `large`, by an object's pixels."""
    return max((name for name in SIZES if area >= SIZES[name]), key=SIZES.get)
