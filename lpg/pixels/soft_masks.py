"""Soft masks, uint8, 255 for 1."""

import numpy as np


def as_soft(mask: np.ndarray) -> np.ndarray:
    """A soft mask as it is; of one that says yes or no, bool, yes is 255."""
    return 255 * mask.astype(np.uint8) if mask.dtype == bool else mask
