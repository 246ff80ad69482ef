"""How COCO matches the found masks of a photograph with its objects of their class: `evaluateImg` of its `cocoeval`."""

from collections.abc import Sequence

import numpy as np

THRESHOLDS = np.linspace(0.5, 0.95, 10)  # COCO's: 0.50, 0.55, …, 0.95


def match(
    ious: np.ndarray, areas: Sequence[int], found_areas: Sequence[int], ranges: Sequence[tuple[float, float]]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Match greedily, the surest found mask first, at every threshold and for every range of sizes.

    Each takes the object that is free and that it overlaps most, of equal ones the last. An object outside of the range
    is taken only if there is none inside, and then it does not count; nor does what takes nothing and lies outside.

    Arguments:
        ious: float64 (found, objects), the surest first.
        areas, found_areas: pixels of the objects and of the found masks, in the order of `ious`.
        ranges: least and most pixels.

    Returns: bool (found, ranges, thresholds) twice: what is right, and what is wrong; what does not count is neither.
        Then the objects inside each range, int64 (ranges,).
    """
    inside, found_inside = _inside(areas, ranges), _inside(found_areas, ranges)
    rows, columns = np.ogrid[: len(ranges), : len(THRESHOLDS)]
    free = np.ones((len(ranges), len(THRESHOLDS), len(areas)), dtype=bool)
    taking, counting = np.zeros((2, len(ious), *free.shape[:2]), dtype=bool)
    for number, own in enumerate(ious):
        able = free & (own >= THRESHOLDS[:, None])
        # Places in the order of overlap, so that nothing is added to an IoU and rounded.
        order = np.argsort(np.argsort(own, kind="stable")) + len(own) * inside
        best = np.where(able, order[:, None], -1).argmax(axis=2)
        taking[number] = able[rows, columns, best]
        free[rows, columns, best] &= ~taking[number]
        counting[number] = np.where(taking[number], inside[rows, best], found_inside[:, number, None])
    return taking & counting, ~taking & counting, inside.sum(axis=1)


def _inside(areas: Sequence[int], ranges: Sequence[tuple[float, float]]) -> np.ndarray:
    """Which areas lie in which ranges, bool (ranges, areas)."""
    least, most = np.array(ranges, dtype=np.float64).T[..., None]
    return (least <= areas) & (np.asarray(areas) <= most)
