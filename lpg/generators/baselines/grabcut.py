"""GrabCut (Rother et al., SIGGRAPH 2004), OpenCV's, called box by box: the generic generator to beat."""

import cv2
import numpy as np

from lpg.generators.interface import BoxGenerator

ITERATIONS = 5
MINIMUM_AREA = 0.1  # in parts of the box; a mask below it is a failure


class GrabCut(BoxGenerator):
    """SDI's GrabCut (Khoreva et al., CVPR 2017, section 3), with OpenCV's colour models.

    Arguments:
        minimum_area: a mask below this part of its box is a failure, and the box is filled. SDI resets segments in
            the same way, at 0.5; here 0.1 is better (docs/scratch.md).
    """

    def __init__(self, minimum_area: float = MINIMUM_AREA) -> None:
        self.minimum_area = minimum_area

    def mask_of_box(self, photograph, inside, state) -> np.ndarray:
        mask = grabcut_mask(photograph, inside)
        if not mask.any() or mask.mean() < self.minimum_area:
            mask[:] = True
        return mask.astype(np.uint8) * 255


def grabcut_mask(photograph: np.ndarray, inside: tuple[slice, slice]) -> np.ndarray:
    """The object inside a box, bool (h, w) of the box; GrabCut may leave nothing of it.

    A box that covers all of the photograph leaves no background to learn from, and is filled.

    Arguments:
        photograph: uint8 (H, W, 3).
        inside: rows and columns of the box.
    """
    mask = np.full(photograph.shape[:2], cv2.GC_BGD, dtype=np.uint8)
    mask[inside] = cv2.GC_PR_FGD
    if (mask == cv2.GC_BGD).any():
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.setRNGSeed(0)  # its k-means starts at random
        bgr = np.ascontiguousarray(photograph[..., ::-1])
        cv2.grabCut(bgr, mask, None, *models, ITERATIONS, cv2.GC_INIT_WITH_MASK)
    return np.isin(mask[inside], (cv2.GC_FGD, cv2.GC_PR_FGD))
