"""One label map from the masks of several classes (Eq. 7 and section III-D)."""

import math
from collections.abc import Sequence

import numpy as np

from lpg.classes import VOID


def overlap_rates(masks: np.ndarray) -> np.ndarray:
    """Overlap area / predicted area of every class.

    Arguments:
        masks: bool (classes, H, W). The overlap of a class is what any other class claims too.

    Returns: float64 (classes,), 0 for an empty mask.
    """
    contested = masks & (masks.sum(axis=0) > 1)
    return contested.sum(axis=(1, 2)) / np.maximum(masks.sum(axis=(1, 2)), 1)


def fuse_masks(class_ids: Sequence[int], masks: np.ndarray, soft: np.ndarray | None = None) -> np.ndarray:
    """Paint the classes into one label map: a contested pixel goes to the class with the HIGHER overlap rate.

    Arguments:
        class_ids: the classes, ascending; of equal rates the first has the pixel.
        masks: bool (classes, H, W), already inside the box maps.
        soft: uint8 (classes, H, W); if given, a contested pixel goes to the class whose value there is the highest, and
            rates decide between equals.

    Returns: uint8 (H, W), 0 for background.
    """
    labels, highest = np.zeros((2, *masks.shape[1:]), dtype=np.uint8)
    rates = overlap_rates(masks)
    for index in sorted(range(len(class_ids)), key=lambda index: (rates[index], -index)):
        mask = masks[index]
        if soft is not None:
            mask = mask & (soft[index] >= highest)
            highest[mask] = soft[index][mask]
        labels[mask] = class_ids[index]
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
        fusion: who has a contested pixel: by the `overlap` rate, or the `surest`.

    Returns: uint8 (H, W), 0 for background, 255 for void.
    """
    low, high = (math.ceil(255 * edge) for edge in band)
    labels = fuse_masks(class_ids, (foreground >= high) & box_maps, foreground if fusion == "surest" else None)
    doubt = ((foreground >= low) & (foreground < high) & box_maps).any(axis=0)
    labels[doubt & (labels == 0)] = VOID
    return labels
