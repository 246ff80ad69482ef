"""COCO's average precision of masks whose boxes are given: it measures the masks, and how well scores rank them.

Rims and IoUs are those of faster-coco-eval. Its evaluation wants the masks of all objects at once, ten kilobytes each;
here those of one photograph are matched at a time, and what is kept of an object is its score and twenty bytes. The
rest is `accumulate` of COCO's `cocoeval`, with all masks of a photograph (no `maxDets`), and gives the same figures.
"""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from faster_coco_eval.core import mask as rle

from lpg.evaluation.matching import THRESHOLDS, match

RECALLS = np.linspace(0, 1, 101)
KINDS = 2  # masks and rims


@dataclass(frozen=True)
class Rated:
    """An object with its mask.

    Attributes:
        class_name: of its box.
        score: how sure of the mask one is, in [0, 1].
        found, true: masks as COCO's RLE: `size` and `counts`.
        area: pixels of the object, by which it is small or large.
    """

    class_name: str
    score: float
    found: dict
    true: dict
    area: int


class _Outcomes:
    """The masks of a class: their scores, whether they are right or wrong, as bits, and how many objects there are."""

    def __init__(self, ranges: int) -> None:
        self.wanted = np.zeros(ranges, dtype=np.int64)
        self._shape = KINDS, 2, ranges, len(THRESHOLDS)  # right, then wrong
        self._scores, self._bits = array("d"), bytearray()

    def add(self, scores: Sequence[float], flags: np.ndarray, wanted: np.ndarray) -> None:
        """Add the masks of a photograph; the flags are bool (masks, kinds, 2, ranges, thresholds)."""
        self.wanted += wanted
        self._scores.extend(scores)
        self._bits += np.packbits(flags.reshape(len(flags), -1), axis=1).tobytes()

    def precisions(self) -> np.ndarray:
        """The precisions, float64 (kinds, thresholds, recalls, ranges); NaN in a range without an object."""
        order = np.argsort(-np.array(self._scores), kind="stable")  # of equal ones, the first that came
        bits = np.frombuffer(self._bits, dtype=np.uint8).reshape(len(order), -1)[order]
        kinds, _, ranges, thresholds = self._shape
        precisions = np.full((kinds, thresholds, len(RECALLS), ranges), np.nan)
        for kind, size, threshold in np.ndindex(kinds, ranges, thresholds):
            if self.wanted[size]:
                right, wrong = (self._flags(bits, kind, which, size, threshold) for which in (0, 1))
                precisions[kind, threshold, :, size] = _precision_at_recalls(right, wrong, self.wanted[size])
        return precisions

    def _flags(self, bits: np.ndarray, *place: int) -> np.ndarray:
        """One flag of every mask, bool (masks,), without unpacking the others."""
        byte, bit = divmod(int(np.ravel_multi_index(place, self._shape)), 8)
        return bits[:, byte] & (128 >> bit) > 0


class AveragePrecision:
    """AP of objects that come photograph by photograph.

    Arguments:
        sizes: by name the least pixels of an object, ascending; what has just so many is of the size below, too, as
            in COCO's own evaluation.
    """

    def __init__(self, sizes: Mapping[str, int]) -> None:
        ends = [*list(sizes.values())[1:], 1e10]
        self._sizes, self._ranges = list(sizes), [(0, 1e10), *zip(sizes.values(), ends, strict=True)]
        self._classes: dict[str, _Outcomes] = {}

    def add(self, objects: Sequence[Rated]) -> None:
        """Add all objects of a photograph."""
        for name in dict.fromkeys(one.class_name for one in objects):
            self._add(name, [one for one in objects if one.class_name == name])

    def _add(self, class_name: str, objects: Sequence[Rated]) -> None:
        found = sorted(objects, key=lambda one: -one.score)
        areas, found_areas = [one.area for one in objects], [int(rle.area(one.found)) for one in found]
        matched = [match(ious, areas, found_areas, self._ranges) for ious in _ious(found, objects)]
        flags = np.stack([np.stack([right, wrong], axis=1) for right, wrong, _ in matched], axis=1)
        outcomes = self._classes.setdefault(class_name, _Outcomes(len(self._ranges)))
        outcomes.add([one.score for one in found], flags, matched[0][2])

    def table(self) -> pd.DataFrame:
        """AP of all objects (`all`), of those of a size and of those of a class, in per cent; NaN where there is none.

        Columns: `ap` (mean of the IoU thresholds 0.50, 0.55, …, 0.95), `ap_50`, `ap_75`; `boundary_ap`, where the IoU
        of two masks is that of their rims, or the whole masks' if that is lower (Cheng et al., CVPR 2021). Over several
        classes it is the mean of theirs.
        """
        classes = sorted(self._classes)
        masks, rims = np.stack([self._classes[name].precisions() for name in classes], axis=-2)
        groups = {
            "all": np.s_[:, 0], **{name: np.s_[:, position] for position, name in enumerate(self._sizes, start=1)},
            **{name: np.s_[position, 0] for position, name in enumerate(classes)},
        }  # fmt: skip
        rows = {
            of: [_mean(masks[:, :, *where]), *(_mean(masks[at][:, *where]) for at in (0, 5)), _mean(rims[:, :, *where])]
            for of, where in groups.items()
        }
        return pd.DataFrame.from_dict(rows, orient="index", columns=["ap", "ap_50", "ap_75", "boundary_ap"])


def _ious(found: Sequence[Rated], objects: Sequence[Rated]) -> list[np.ndarray]:
    """The IoUs of masks, and those of their rims where they are lower: float64 (found, objects) each."""
    one, other, crowds = [each.found for each in found], [each.true for each in objects], [0] * len(objects)
    masks = rle.iou(one, other, crowds)
    rims = rle.iou(list(map(rle.rleToBoundary, one)), list(map(rle.rleToBoundary, other)), crowds)
    return [masks, np.minimum(masks, rims)]


def _precision_at_recalls(right: np.ndarray, wrong: np.ndarray, wanted: int) -> np.ndarray:
    """The best precision at each of COCO's recalls or beyond, float64 (101,); 0 where none is reached.

    Arguments:
        right, wrong: bool (masks,), the surest first.
        wanted: objects that there are.
    """
    rights = np.cumsum(right)
    precisions = rights / np.maximum(1, rights + np.cumsum(wrong))
    best = np.maximum.accumulate(precisions[::-1])[::-1]
    return np.append(best, 0)[np.searchsorted(rights / wanted, RECALLS)]


def _mean(precisions: np.ndarray) -> float:
    """The mean over the classes and sizes that have an object, in per cent; NaN if none has."""
    there = precisions[~np.isnan(precisions)]
    return 100 * float(there.mean()) if there.size else float("nan")
