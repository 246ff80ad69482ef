"""What the features of a mask say of its IoU: a small logistic head with fixed weights (docs/quality.md)."""

import math
from collections.abc import Mapping

from lpg.evaluation.quality_features import Features

# Chosen on auxiliary data. A soft mask's own doubt predicts its IoU best; a mask of yes and no has its shape alone, so
# that its agreement with a second generator's counts more.
SOFT = {"constant": -0.7, "surety": 1.0, "claimed": -0.7, "agreement": 1.0, "change": 0.6}
HARD = {
    "constant": 0.3, "claimed": -0.5, "tightness": 1.2, "along": -2.7, "filling": 0.4, "agreement": 2.0, "change": 0.0,
}  # fmt: skip
USUAL = 0.75  # an agreement, or an IoU with the stage before, that says neither good nor bad
SUREST, FULLEST = 0.99, 0.98  # beyond it more of the same is no news


def logit_of(
    features: Features,
    agreement: float | None = None,
    change: float | None = None,
    soft: Mapping[str, float] = SOFT,
) -> float:
    """The logit of the IoU that the head predicts; of an empty mask it is minus infinity.

    Arguments:
        agreement: the IoU with another generator's mask.
        change: the IoU with the mask of the stage before.
        soft: other weights for masks that doubt.
    """
    if not features.area:
        return -math.inf
    values = {
        "constant": 1.0,
        "surety": _logit(features.surety, SUREST),
        "claimed": features.claimed,
        "tightness": features.tightness,
        "along": features.along,
        "filling": _logit(features.filling, FULLEST),
        "agreement": 0.0 if agreement is None else agreement - USUAL,
        "change": 0.0 if change is None else change - USUAL,
    }
    weights = soft if features.doubts else HARD
    return sum(weight * values[name] for name, weight in weights.items())


def probability(logit: float) -> float:
    """The sigmoid of a logit."""
    return 0.0 if logit == -math.inf else 1 / (1 + math.exp(-logit))


def _logit(part: float, most: float) -> float:
    part = min(max(part, 1 - most), most)
    return math.log(part / (1 - part))
