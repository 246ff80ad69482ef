"""The shape of one mask, bool (h, w), and how two agree."""

import cv2
import numpy as np

LEAST = 0.01  # a smaller part or hole, in parts of the mask, is a speck


def mask_iou(mask: np.ndarray, true: np.ndarray) -> float:
    """The IoU of two masks, bool (H, W); 0 where both are empty."""
    return np.count_nonzero(mask & true) / max(1, np.count_nonzero(mask | true))


def tightness(mask: np.ndarray) -> float:
    """How near a mask comes to the four sides of its box: the area of its own tight box over that of the box.

    1 if it touches all four sides, 0 if it is empty.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return 0.0
    return float((rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1) / mask.size)


def count_components(mask: np.ndarray) -> int:
    """The parts of a mask that do not touch, not even by a corner; specks are not counted."""
    _, _, numbers, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    return _count(numbers, mask)


def count_holes(mask: np.ndarray) -> int:
    """The parts of the background that the mask shuts in; specks are not counted. What touches a side is no hole."""
    outside = np.pad(~mask, 1, constant_values=True).astype(np.uint8)
    _, labels, numbers, _ = cv2.connectedComponentsWithStats(outside, connectivity=4)
    numbers[labels[0, 0], cv2.CC_STAT_AREA] = 0
    return _count(numbers, mask)


def _count(numbers: np.ndarray, mask: np.ndarray) -> int:
    """How many of OpenCV's regions, the first of which is what was not asked for, are more than specks."""
    return int(np.count_nonzero(numbers[1:, cv2.CC_STAT_AREA] >= max(1, LEAST * np.count_nonzero(mask))))
