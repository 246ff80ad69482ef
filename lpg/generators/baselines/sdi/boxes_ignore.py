"""Box^i: only the middle of a box is its object, the rest of the box is ignored."""

import math

import numpy as np

from lpg.generators.interface import BoxGenerator

CENTRE = 0.2


class BoxesIgnore(BoxGenerator):
    """SDI's Box^i (Khoreva et al., CVPR 2017, section 3): the inner 20 % of the box is the object, the rest is void.

    "20 %" is read of the area: the middle has the shape of the box and sides sqrt(0.2) = 0.45 times as long.
    """

    band = (0.5, 1.0)

    def mask_of_box(self, photograph, inside, state) -> np.ndarray:
        mask = np.full(photograph[inside].shape[:2], 128, dtype=np.uint8)
        mask[tuple(middle(length, math.sqrt(CENTRE)) for length in mask.shape)] = 255
        return mask


def middle(length: int, part: float) -> slice:
    """The middle of `length` pixels, `part` times as long, rounded; at least one pixel."""
    kept = max(1, round(part * length))
    start = (length - kept) // 2
    return slice(start, start + kept)
