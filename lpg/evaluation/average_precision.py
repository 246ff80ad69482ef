"""COCO's average precision of masks whose boxes are given: it measures the masks, and how well scores rank them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from faster_coco_eval import COCO, COCOeval_faster


@dataclass(frozen=True)
class Rated:
    """An object with its mask.

    Attributes:
        image: its photograph.
        class_name: of its box.
        score: how sure of the mask one is, in [0, 1].
        found, true: masks as COCO's RLE: `size` and `counts`.
        area: pixels of the object, by which it is small or large.
    """

    image: str
    class_name: str
    score: float
    found: dict
    true: dict
    area: int


def average_precisions(objects: Sequence[Rated], sizes: Mapping[str, int]) -> pd.DataFrame:
    """AP of all objects (`all`), of those of a size and of those of a class, in per cent; NaN where there is none.

    Columns: `ap` (mean of the IoU thresholds 0.50, 0.55, …, 0.95), `ap_50`, `ap_75`; `boundary_ap`, where the IoU of
    two masks is that of their rims, or the whole masks' if that is lower (Cheng et al., CVPR 2021). Over several
    classes it is the mean of theirs.

    Arguments:
        sizes: by name the least pixels of an object, ascending.
    """
    classes = sorted({one.class_name for one in objects})
    truth, found = _as_coco(objects, classes)
    masks, rims = (_precisions(truth, found, kind, sizes) for kind in ("segm", "boundary"))
    groups = {
        "all": np.s_[:, 0], **{name: np.s_[:, position] for position, name in enumerate(sizes, start=1)},
        **{name: np.s_[position, 0] for position, name in enumerate(classes)},
    }  # fmt: skip
    rows = {
        of: [_mean(masks[:, :, *where]), *(_mean(masks[at][:, *where]) for at in (0, 5)), _mean(rims[:, :, *where])]
        for of, where in groups.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["ap", "ap_50", "ap_75", "boundary_ap"])


def _mean(precisions: np.ndarray) -> float:
    """Of those that are there: the library marks what it has no object of by -1."""
    there = precisions[precisions > -1]
    return 100 * float(there.mean()) if there.size else float("nan")


def _as_coco(objects: Iterable[Rated], classes: Sequence[str]) -> tuple[COCO, COCO]:
    """The true masks and the found ones, in the library's words."""
    images, truth, found = {}, [], []
    for number, one in enumerate(objects, start=1):
        height, width = one.true["size"]
        images.setdefault(one.image, {"id": len(images) + 1, "height": height, "width": width})
        place = {"image_id": images[one.image]["id"], "category_id": classes.index(one.class_name) + 1}
        facts = {"id": number, "area": one.area, "iscrowd": 0, "bbox": [0, 0, width, height]}
        truth.append({**place, **facts, "segmentation": one.true})
        found.append({**place, "segmentation": one.found, "score": one.score})
    categories = [{"id": number, "name": name} for number, name in enumerate(classes, start=1)]
    coco = COCO({"images": list(images.values()), "annotations": truth, "categories": categories})
    return coco, coco.loadRes(found)


def _precisions(truth: COCO, found: COCO, kind: str, sizes: Mapping[str, int]) -> np.ndarray:
    """By threshold, recall, class and size, all sizes first: float64 (10, 101, classes, 1 + sizes)."""
    ends = [*(least - 1 for least in list(sizes.values())[1:]), 1e10]
    evaluation = COCOeval_faster(
        truth, found, kind, dict(zip(sizes, map(list, zip(sizes.values(), ends, strict=True)), strict=True)),
        boundary_cpu_count=1, rle_iou_max_workers=1,
    )  # fmt: skip
    evaluation.params.maxDets = [len(truth.anns)]
    evaluation.evaluate()
    evaluation.accumulate()
    return evaluation.eval["precision"][..., 0]
