"""SDI's M∩G+: where GrabCut+ and the best region proposal agree; the rest of what either claims is ignored."""

import numpy as np

from lpg.generators.baselines.sdi.grabcut_plus import OBJECT, GrabCutPlus
from lpg.generators.baselines.sdi.mcg import MCG
from lpg.generators.interface import BoxGenerator, Request


class GrabCutAndMCG(BoxGenerator):
    """Object where both say so, void where just one does (Khoreva et al., CVPR 2017, section 3.2).

    GrabCut+ says object from 70 % of its votes on. The soft mask is the mean of the two.

    Arguments:
        samples, side: of `GrabCutPlus`.
        proposals: of `MCG`.
    """

    band = (0.5, 1.0)

    def __init__(self, proposals: str, **ensemble: int) -> None:
        self.grabcut, self.mcg = GrabCutPlus(**ensemble), MCG(proposals)

    def prepare(self, request: Request):
        return self.mcg.prepare(request)

    def mask_of_box(self, photograph, inside, state) -> np.ndarray:
        votes = self.grabcut.mask_of_box(photograph, inside, None)
        return agreement(votes >= 255 * OBJECT, self.mcg.mask_of_box(photograph, inside, state) > 0)


def agreement(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The mean of two bool masks, uint8: 0, 128 or 255."""
    return np.array([0, 128, 255], dtype=np.uint8)[one.astype(int) + other]
