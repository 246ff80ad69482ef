"""One label map from the masks of several classes (Eq. 7 and section III-D)."""

import math
from collections.abc import Sequence

import numpy as np

from lpg.classes import VOID


def fuse_by_overlap(class_ids: Sequence[int], masks: np.ndarray) -> np.ndarray:
    """Paint the classes into one label map: what two claim goes to the class of the HIGHER overlap rate.

    The rate is the overlap's area over the class's. Of two classes the overlap is one and the same, so the higher rate
    is that of the smaller mask, and of several that claim a pixel the smallest has it.

    Arguments:
        class_ids: the classes, ascending; of equal areas the first has the pixel.
        masks: bool (classes, H, W), already inside the box maps.

    Returns: uint8 (H, W), 0 for background.
    """
    labels = np.zeros(masks.shape[1:], dtype=np.uint8)
    areas = masks.sum(axis=(1, 2))
    for index in sorted(range(len(class_ids)), key=lambda index: (areas[index], index), reverse=True):
        labels[masks[index]] = class_ids[index]
    return labels


def fuse_by_odds(class_ids: Sequence[int], masks: np.ndarray, foreground: np.ndarray) -> np.ndarray:
    """Give a contested pixel to the class of the highest odds there, over the cube of its area; not the paper's rule.

    Of two that are as sure the smaller has it, for what is small mostly lies on top.

    Arguments:
        class_ids, masks: as of `fuse_by_overlap`.
        foreground: uint8 (classes, H, W), 255 for 1: the soft mask of each class.

    Returns: uint8 (H, W), 0 for background.
    """
    labels = np.zeros(masks.shape[1:], dtype=np.uint8)
    for class_id, mask in zip(class_ids, masks, strict=True):
        labels[mask] = class_id
    contested = masks.sum(axis=0) > 1
    areas = masks.sum(axis=(1, 2))[:, None]
    soft = foreground[:, contested] + 0.5  # 0 and 255 are rounded, and never quite sure
    odds = np.log(soft / (256 - soft)) - 3 * np.log(np.maximum(areas, 1))
    labels[contested] = np.take(class_ids, np.where(masks[:, contested], odds, -np.inf).argmax(axis=0))
    return labels


def fuse_foreground(
    class_ids: Sequence[int],
    foreground: np.ndarray,
    box_maps: np.ndarray,
    band: tuple[float, float] = (0.5, 0.5),
    fusion: str = "overlap",
) -> np.ndarray:
    """Eq. 7: c · y^b_c • argmax softmax g, fused over the classes; void where a class is in doubt and none is sure.

    Arguments:
        foreground: uint8 (classes, H, W), 255 for 1: the soft mask of each class.
        box_maps: bool (classes, H, W).
        band: from its upper end on a soft mask is object, below its lower end it is background.
        fusion: by what a contested pixel is given to a class, `overlap` or `odds`.

    Returns: uint8 (H, W), 0 for background, 255 for void.
    """
    low, high = (math.ceil(255 * edge) for edge in band)
    masks = (foreground >= high) & box_maps
    labels = fuse_by_odds(class_ids, masks, foreground) if fusion == "odds" else fuse_by_overlap(class_ids, masks)
    doubt = ((foreground >= low) & (foreground < high) & box_maps).any(axis=0)
    labels[doubt & (labels == 0)] = VOID
    return labels
