"""Classes that compete for pixels: the weights of all labels as one soft mask per class."""

import numpy as np


def disjoint_soft_masks(weights: np.ndarray) -> np.ndarray:
    """What each class has against the strongest other label: q_c / (q_c + max of the other labels' q).

    So a mask is above one half where its class is the label of the highest weight, and nowhere else: the masks do not
    meet. Of equal weights the first label has the pixel, the background before all.

    Arguments:
        weights: probabilities, or any weights >= 0, float (1 + classes, H, W), background first.

    Returns: uint8 (classes, H, W), 255 for 1: at least 128 where the class has the pixel, at most 127 elsewhere.
    """
    winner = weights.argmax(axis=0)
    best = weights.max(axis=0)
    masks = np.zeros((len(weights) - 1, *winner.shape), dtype=np.uint8)
    for index, mask in enumerate(masks, start=1):
        wins = winner == index
        rival = np.delete(weights, index, axis=0).max(axis=0) if wins.any() else best
        total = weights[index] + np.where(wins, rival, best)
        soft = np.divide(
            255 * weights[index], total, out=np.zeros(winner.shape, weights.dtype), where=total > 0
        ).round()
        mask[:] = np.where(wins, np.maximum(soft, 128), np.minimum(soft, 127))
    return masks
