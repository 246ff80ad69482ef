"""How well single objects are masked: the IoU of every box's own mask, by dataset, by size and by class."""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from lpg.classes import VOID
from lpg.files.atomic import replace_atomically
from lpg.files.boxes import BoxTable
from lpg.files.ground_truth import InstanceMasks
from lpg.files.label_maps import LabelMaps
from lpg.files.pseudo_masks import SoftMaskFile
from lpg.photograph import Photograph
from lpg.pixels.shapes import mask_iou

log = logging.getLogger(__name__)

SIZES = {"small": 0, "medium": 32**2, "large": 96**2}  # COCO's: pixels of the object from which on it is one


def score_objects(
    *, boxes: Sequence[str | Path], truth: Sequence[str | Path], masks: Sequence[str | Path], path: str | Path
) -> None:
    """Write `objects.tsv`: per dataset, all objects, then those of a size and those of a class.

    Columns: `split`, `of` (all, a size, a class), `objects`, `iou` (mean, in per cent), `above_50` and `above_75` (per
    cent of the objects whose IoU is above). A row per dataset for every group that has an object.

    Arguments:
        boxes, truth, masks: `boxes.h5`, `masks.h5` and `pseudo_masks.h5` of the same datasets. Objects without a mask
            in the ground truth are left out, and so are void pixels.
    """
    rows = [row for files in zip(boxes, truth, masks, strict=True) for row in _objects(*files)]
    table = pd.DataFrame(rows, columns=["split", "size", "class", "iou"])
    groups = pd.concat([table.assign(of="all"), table.assign(of=table["size"]), table.assign(of=table["class"])])
    order = ["all", *SIZES, *sorted(set(table["class"]))]
    summary = (
        groups.groupby(["split", pd.Categorical(groups["of"], order)], observed=True)["iou"]
        .agg(
            objects="size",
            iou=lambda iou: 100 * iou.mean(),
            above_50=lambda iou: 100 * (iou > 0.5).mean(),
            above_75=lambda iou: 100 * (iou > 0.75).mean(),
        )
        .rename_axis(["split", "of"])
    )
    with replace_atomically(path) as partial:
        summary.to_csv(partial, sep="\t", float_format="%.1f")
    for split, row in summary.xs("all", level="of").iterrows():
        log.info("%s: mean IoU of %d objects %.1f", split, row["objects"], row["iou"])


def _objects(boxes: str | Path, truth: str | Path, masks: str | Path) -> Iterator[tuple[str, str, str, float]]:
    """Dataset, size, class and IoU of every object that has a true mask."""
    table = BoxTable([boxes])
    for image, index, area, iou in object_ious(table, truth, masks):
        yield image.name.partition("/")[0], size_of(area), table.classes[image.class_ids[index]], iou


def object_ious(table: BoxTable, truth: str | Path, masks: str | Path) -> Iterator[tuple[Photograph, int, int, float]]:
    """Photograph, position of the box in it, pixels of the true mask and IoU of every object that has a true mask."""
    instances, labels, soft = InstanceMasks([truth]), LabelMaps([truth]), SoftMaskFile(masks)
    for image in table.images:
        if image.name not in instances:
            continue
        void = labels[image.name] == VOID
        found = soft.boxes(image.name)
        for index in np.flatnonzero(instances.areas(image.name)).tolist():
            true = instances(image.name, index, image.height, image.width) > 0
            mask = np.zeros_like(true)
            mask[image.inside[index]] = found[index] > 127
            yield image, index, np.count_nonzero(true), mask_iou(mask & ~void, true & ~void)


def size_of(area: int) -> str:
    """`small`, `medium` or `large`, by an object's pixels."""
    return max((name for name in SIZES if area >= SIZES[name]), key=SIZES.get)
