"""How well single objects are masked, by dataset, by size and by class: IoU of masks and of their rims, and AP."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lpg.classes import VOID
from lpg.errors import InputError
from lpg.evaluation.average_precision import Rated, average_precisions
from lpg.evaluation.boundaries import boundary
from lpg.evaluation.quality_table import Ratings
from lpg.files.atomic import replace_atomically
from lpg.files.boxes import BoxTable
from lpg.files.ground_truth import InstanceMasks
from lpg.files.label_maps import LabelMaps
from lpg.files.pseudo_masks import SoftMaskFile
from lpg.photograph import Photograph
from lpg.pixels.runs import encode
from lpg.pixels.shapes import mask_iou

log = logging.getLogger(__name__)

SIZES = {"small": 0, "medium": 32**2, "large": 96**2}  # COCO's: pixels of the object from which on it is one


@dataclass(frozen=True)
class ObjectScore:
    """Of one object that has a true mask, void left out.

    Attributes:
        iou: of its mask.
        boundary_iou: of the rims of the two masks.
        rated: both masks, and how they are ranked.
    """

    iou: float
    boundary_iou: float
    rated: Rated


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
    `boundary_ap` of `average_precisions`. A row per dataset for every group that has an object.

    Arguments:
        boxes, truth, masks: `boxes.h5`, `masks.h5` and `pseudo_masks.h5` of the same datasets. Objects without a mask
            in the ground truth are left out, and so are void pixels.
        quality: `quality.tsv` of the same datasets, which ranks the masks for AP; without, each is ranked by its mean
            soft value.
    """
    ranks = [Ratings([file]) for file in quality] or [None] * len(boxes)
    scores = [list(_objects(*files)) for files in zip(boxes, truth, masks, ranks, strict=True)]
    if not any(scores):
        raise InputError(f"{', '.join(map(str, truth))}: no object has a mask", "score on a dataset with masks")
    summary = pd.concat([_table(of_dataset) for of_dataset in scores if of_dataset])
    with replace_atomically(path) as partial:
        summary.to_csv(partial, sep="\t", float_format="%.1f")
    for split, row in summary.xs("all", level="of").iterrows():
        log.info(
            "%s: %d objects, mean IoU %.1f, of boundaries %.1f, AP %.1f",
            split, row["objects"], row["iou"], row["boundary_iou"], row["ap"],
        )  # fmt: skip


def _table(scores: Sequence[ObjectScore]) -> pd.DataFrame:
    """The rows of a dataset."""
    rows = [
        (one.rated.image.partition("/")[0], size_of(one.rated.area), one.rated.class_name, one.iou, one.boundary_iou)
        for one in scores
    ]
    table = pd.DataFrame(rows, columns=["split", "size", "class", "iou", "boundary_iou"])
    groups = pd.concat([table.assign(of="all"), table.assign(of=table["size"]), table.assign(of=table["class"])])
    order = ["all", *SIZES, *sorted(set(table["class"]))]
    summary = groups.groupby(["split", pd.Categorical(groups["of"], order)], observed=True).agg(
        objects=("iou", "size"),
        iou=("iou", lambda iou: 100 * iou.mean()),
        above_50=("iou", lambda iou: 100 * (iou > 0.5).mean()),
        above_75=("iou", lambda iou: 100 * (iou > 0.75).mean()),
        boundary_iou=("boundary_iou", lambda iou: 100 * iou.mean()),
    )
    return summary.rename_axis(["split", "of"]).join(average_precisions([one.rated for one in scores], SIZES), on="of")


def _objects(boxes: str | Path, truth: str | Path, masks: str | Path, ranks: Ratings | None) -> Iterator[ObjectScore]:
    """Every object of a dataset that has a true mask."""
    table = BoxTable([boxes])
    for one in compared_objects(table, truth, masks):
        name, class_name = one.image.name, table.classes[one.image.class_ids[one.index]]
        score = confidence(one.soft) if ranks is None else _rank(ranks, name, one.index)
        rated = Rated(name, class_name, score, encode(one.mask), encode(one.true), one.area)
        yield ObjectScore(one.iou, mask_iou(boundary(one.mask), boundary(one.true)), rated)


@dataclass(frozen=True)
class Compared:
    """An object's mask beside its true one, both bool (H, W) and without the void pixels.

    Attributes:
        index: of its box in the photograph.
        soft: the soft mask inside its box, uint8 (h, w).
        area: pixels of the true mask, void ones too.
    """

    image: Photograph
    index: int
    soft: np.ndarray
    mask: np.ndarray
    true: np.ndarray
    area: int

    @property
    def iou(self) -> float:
        return mask_iou(self.mask, self.true)


def compared_objects(table: BoxTable, truth: str | Path, masks: str | Path) -> Iterator[Compared]:
    """Every object that has a true mask, one at a time."""
    instances, labels, soft = InstanceMasks([truth]), LabelMaps([truth]), SoftMaskFile(masks)
    for image in table.images:
        if image.name not in instances:
            continue
        void = labels[image.name] == VOID
        found = soft.boxes(image.name)
        for index in map(int, np.flatnonzero(instances.areas(image.name))):
            true = instances(image.name, index, image.height, image.width) > 0
            mask = np.zeros_like(true)
            mask[image.inside[index]] = found[index] > 127
            yield Compared(image, index, found[index], mask & ~void, true & ~void, np.count_nonzero(true))


def _rank(ranks: Ratings, name: str, index: int) -> float:
    """The predicted IoU, or if any mask has none, what the risk leaves of 1."""
    rating = ranks.get(name, index)
    if rating is None:
        raise InputError(f"the quality.tsv has no row for box {index} of {name}", "make it again from these masks")
    return rating.score if ranks.scored else 1 - rating.risk


def confidence(soft: np.ndarray) -> float:
    """The mean of a soft mask, uint8 with 255 for 1, over the pixels that it calls object; 0 where it calls none so."""
    inside = soft[soft > 127]
    return float(inside.mean()) / 255 if inside.size else 0.0


def size_of(area: int) -> str:
    """`small`, `medium` or `large`, by an object's pixels."""
    return max((name for name in SIZES if area >= SIZES[name]), key=SIZES.get)
