"""The E steps of WSSL (Papandreou et al., ICCV 2015): the segmenter's own scores, biased towards what the boxes say.

Section 3.2 adds a bias to the score of every label, y = argmax_l (log p_l + b_l), and section 3.3 does so inside the
boxes (Bbox-EM-Fixed). WSSL leaves absent classes, and classes outside their boxes, without a bias; here they are
impossible, as Eq. 7 of LPG wants it.

The numbers 5 and 3 (b_fg, b_bg) and 20 % and 40 % (rho_fg, rho_bg) are quoted from memory of WSSL: of the released
code only the layers could be looked at, `BiasChannel`, which has the two biases without values and demands b_fg > b_bg
> 0, and `AdaptiveBiasChannel`, whose rounds over the labels, background first, `adapt` follows.
"""

import math

import numpy as np

from lpg.errors import InputError
from lpg.generators.baselines.box_scores import box_scores
from lpg.generators.baselines.joint import disjoint_soft_masks
from lpg.generators.interface import Generator, Request, SoftMasks

MARGIN = 1e-4  # in log p, so that a tie is won; grey levels are at least 39 times as far apart
ROUNDS = 100  # over the labels; where portions can be reached, a few do


class WsslGenerator(Generator):
    """Labels a photograph by the segmenter's biased scores. Give it `biased`."""

    def masks_of(self, request: Request) -> SoftMasks:
        biased = self.biased(log_scores(request))
        return SoftMasks.of_classes(request.image, disjoint_soft_masks(np.exp(biased - biased.max(axis=0))))

    def biased(self, scores: np.ndarray) -> np.ndarray:
        """log p_l + b_l from log p_l, float32 (1 + classes, H, W), minus infinity where a label is impossible."""
        raise NotImplementedError


class EmFixed(WsslGenerator):
    """Bbox-EM-Fixed: the same biases in every photograph.

    As outside the boxes nothing but background is possible, only the difference of the two counts: with 5 and 3 a
    class has every pixel of its boxes where it is at least e^-2 = 0.14 times as likely as the background.
    """

    def __init__(self, foreground_bias: float = 5.0, background_bias: float = 3.0) -> None:
        self.foreground_bias, self.background_bias = foreground_bias, background_bias

    def biased(self, scores: np.ndarray) -> np.ndarray:
        biases = np.full((len(scores), 1, 1), self.foreground_bias, dtype=np.float32)
        biases[0] = self.background_bias
        return scores + biases


class EmAdapt(WsslGenerator):
    """EM-Adapt: the biases of a photograph are as small as gives every label its portion.

    WSSL's portions are of the photograph, for it uses them with image tags, where nothing else is known. With boxes,
    a class gets `foreground_portion` of the area of its own box map, and the background, as in WSSL,
    `background_portion` of the photograph.
    """

    def __init__(self, foreground_portion: float = 0.2, background_portion: float = 0.4) -> None:
        for name, portion in (("foreground", foreground_portion), ("background", background_portion)):
            if not 0 <= portion <= 1:
                raise InputError(f"wssl_em_adapt: {name}_portion is {portion}", "give a part of the area, 0 to 1")
        self.foreground_portion, self.background_portion = foreground_portion, background_portion

    def biased(self, scores: np.ndarray) -> np.ndarray:
        areas = np.isfinite(scores).sum(axis=(1, 2))
        portions = [self.background_portion, *[self.foreground_portion] * (len(scores) - 1)]
        return adapt(scores, [math.ceil(portion * area) for portion, area in zip(portions, areas, strict=True)])


def log_scores(request: Request) -> np.ndarray:
    """The logarithm of `box_scores`: minus infinity where a label is impossible."""
    with np.errstate(divide="ignore"):
        return np.log(box_scores(request))


def adapt(scores: np.ndarray, wanted: list[int]) -> np.ndarray:
    """Raise the score of every label by the smallest constant that gives it `wanted` pixels in the argmax.

    What one label gains another loses, so there are rounds, until all have theirs. As no step raises a label further
    than it must, the rounds end at the smallest biases, if any will do. None will where the wants of overlapping
    boxes exceed the area, or where equal scores can only be won together; the last round then stands, in which the
    classes come after the background.

    Arguments:
        scores: log p, float32 (labels, H, W), minus infinity where a label is impossible.
        wanted: pixels for each label.
    """
    scores = scores.copy()
    for _ in range(ROUNDS):
        settled = True
        for label, count in enumerate(wanted):
            if count > (scores.argmax(axis=0) == label).sum():
                scores[label] += _least_bias(scores, label, count)
                settled = False
        if settled:
            break
    return scores


def _least_bias(scores: np.ndarray, label: int, count: int) -> float:
    """The constant by which a label wins `count` of the pixels where it is possible."""
    rivals = np.delete(scores, label, axis=0).max(axis=0)
    possible = np.isfinite(scores[label])
    behind = (rivals - scores[label])[possible]
    return max(float(np.partition(behind, count - 1)[count - 1]), 0.0) + MARGIN
