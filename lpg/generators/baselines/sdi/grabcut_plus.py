"""SDI's GrabCut+^i: many perturbed GrabCuts vote, and where they disagree the box is ignored."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from lpg.generators.baselines.grabcut import MINIMUM_AREA, grabcut_mask
from lpg.generators.interface import BoxGenerator

JITTER = 0.05
MARGIN = (0.1, 0.6)
OBJECT, BACKGROUND = 0.7, 0.2

Region = tuple[slice, slice]


class GrabCutPlus(BoxGenerator):
    """The ensemble of SDI (Khoreva et al., CVPR 2017, section 3.2).

    Every GrabCut sees the box with each edge moved by up to 5 % of its side, and around it a background of 10 to 60 %
    of its sides. The soft mask is the share of GrabCuts that call a pixel object: from 70 % on it is object, below
    20 % background, void between. A GrabCut that leaves less than a tenth of its box abstains; if all do, the box is
    filled. SDI's pairwise terms are HED's boundaries, from a trained network (`GrabCutPlusHed`); here they are
    OpenCV's colour contrasts.

    Arguments:
        samples: GrabCuts per box, about 150 in SDI. The perturbations are drawn once, relative to the box, so that a
            mask depends on nothing but its photograph and box.
        side: what GrabCut sees is shrunk to this many pixels on its long side, for its time grows faster than its
            pixels. Every sample is shrunk in its own way, so the vote is finer than its voices.
    """

    band = (BACKGROUND, OBJECT)

    def __init__(self, samples: int = 20, side: int = 224) -> None:
        rng = np.random.default_rng(0)
        self.jitters = rng.uniform(-JITTER, JITTER, (samples, 2, 2))
        self.margins = rng.uniform(*MARGIN, samples)
        self.side = side

    def mask_of_box(self, photograph, inside, state) -> np.ndarray:
        votes, voices = np.zeros(photograph.shape[:2], dtype=np.int64), 0
        for jitter, margin in zip(self.jitters, self.margins, strict=True):
            moved, outer = perturbed(inside, jitter, margin, photograph.shape[:2])
            mask = self.cut(photograph, state, moved, outer)
            if mask.mean() >= MINIMUM_AREA:
                votes[moved] += mask
                voices += 1
        if not voices:
            return np.full(votes[inside].shape, 255, dtype=np.uint8)
        # Rounded up: a share on an edge of the band is on its upper side, as in SDI.
        return (-(-255 * votes[inside] // voices)).astype(np.uint8)

    def cut(self, photograph: np.ndarray, state, inside: Region, outer: Region) -> np.ndarray:
        """One voice: the object in a box, bool (h, w) of the box."""
        return small_mask(grabcut_mask, [photograph], inside, outer, self.side)


def perturbed(inside: Region, jitter: np.ndarray, margin: float, size: tuple[int, int]) -> tuple[Region, Region]:
    """A box with its edges moved, and the region around it; rows and columns, both inside the photograph.

    Arguments:
        jitter: of first and last row, of first and last column (2, 2), in parts of the box's side.
        margin: of the region on every side, in parts of the moved box's side; at least one pixel.
        size: height and width of the photograph.
    """
    moved, outer = [], []
    for where, (first, last), length in zip(inside, jitter, size, strict=True):
        side = where.stop - where.start
        start = min(max(where.start + round(first * side), 0), length - 1)
        stop = max(min(where.stop + round(last * side), length), start + 1)
        reach = max(1, round(margin * (stop - start)))
        moved.append(slice(start, stop))
        outer.append(slice(max(start - reach, 0), min(stop + reach, length)))
    return tuple(moved), tuple(outer)


def small_mask(
    cut: Callable[..., np.ndarray], arrays: Sequence[np.ndarray], inside: Region, outer: Region, side: int
) -> np.ndarray:
    """`cut(*arrays, box)` on the region `outer`, shrunk to `side` pixels on its long side; bool (h, w) of the box.

    Arguments:
        cut: gives the object in a box, bool (h, w) of that.
        arrays: of the photograph's size.
    """
    scale = min(1.0, side / max(where.stop - where.start for where in outer))
    size = [max(1, round(scale * (where.stop - where.start))) for where in outer]
    small = [cv2.resize(array[outer], size[::-1], interpolation=cv2.INTER_AREA) for array in arrays]
    box = tuple(shrunk(where, around.start, scale) for where, around in zip(inside, outer, strict=True))
    height, width = (where.stop - where.start for where in inside)
    mask = cut(*small, box).astype(np.uint8) * 255
    return cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR) > 127


def shrunk(where: slice, origin: int, scale: float) -> slice:
    """Rows or columns, counted from `origin` and scaled; at least one pixel."""
    start, stop = (round((edge - origin) * scale) for edge in (where.start, where.stop))
    return slice(start, stop) if stop > start else slice(max(stop - 1, 0), max(stop, 1))
