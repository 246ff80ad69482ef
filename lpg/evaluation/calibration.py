"""A calibration: from what the head says of a mask to the IoU that such masks have had. A small JSON, to be read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np

from lpg.errors import InputError
from lpg.evaluation.quality_features import Features
from lpg.evaluation.quality_head import SOFT, logit_of, probability
from lpg.files.atomic import replace_atomically


@dataclass(frozen=True)
class Calibration:
    """The calibration of the masks of one generator.

    Attributes:
        weights: of the head's terms for masks that doubt, by name.
        heads, ious: knots, ascending: what the head says, and the IoU there; straight lines between them. None of a
            generator of which too little is known to predict anything.
        provenance: what it was fitted from, and how well it holds.
    """

    weights: Mapping[str, float] = field(default_factory=lambda: dict(SOFT))
    heads: Sequence[float] = (0.0, 1.0)
    ious: Sequence[float] = (0.0, 1.0)
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def predicts(self) -> bool:
        """Whether it predicts anything."""
        return len(self.heads) > 0

    def head(self, features: Features) -> float:
        """What the head says of a mask by itself, in [0, 1]."""
        return probability(logit_of(features, soft=self.weights))

    def score(self, features: Features) -> float | None:
        """The predicted IoU; 0 for an empty mask, None for one that shows no doubt, or if nothing is predicted."""
        if not self.predicts:
            return None
        if not features.area:
            return 0.0
        return float(np.interp(self.head(features), self.heads, self.ious)) if features.doubts else None

    def save(self, path: str | Path) -> None:
        """Write the calibration as JSON, a line for each attribute."""
        lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in asdict(self).items()]
        with replace_atomically(path) as partial:
            partial.write_text("{" + ",\n ".join(lines) + "}\n")

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a `calibration.json`.

        Raises:
            InputError: the file is missing or is no calibration.
        """
        try:
            content = json.loads(Path(path).read_text())
            made = cls(**content)
            knots = np.array([made.heads, made.ious], dtype=float)
            _check_terms(made.weights)
            if knots.ndim != 2 or not np.isfinite([*knots.ravel(), *made.weights.values()]).all():
                raise ValueError("its knots and weights are not all numbers")
        except OSError as error:
            raise InputError(f"{path} cannot be read ({error.strerror})", "mend the path, or make it first") from None
        except (ArithmeticError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise InputError(f"{path} is no calibration ({error})", "make it again with calibrate") from None
        if (np.diff(knots) < 0).any():
            raise InputError(f"{path} has knots that do not ascend", "make it again with calibrate")
        return made


def _check_terms(weights: Mapping[str, float]) -> None:
    unknown = set(weights) ^ set(SOFT)
    if unknown:
        raise ValueError(f"its weights lack or have more: {', '.join(sorted(unknown))}")
