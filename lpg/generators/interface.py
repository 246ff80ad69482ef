"""What a generator is, learned or not."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from lpg.boxes import Image


@dataclass(frozen=True)
class Request:
    """One photograph whose objects are wanted.

    Attributes:
        image: its boxes and their classes.
        photograph: uint8 (H, W, 3).
        scores: p_c of every class that the boxes name, uint8 (H, W), 255 for 1 or for its highest value, as the
            generator wants it; empty for one that needs no scores.
    """

    image: Image
    photograph: np.ndarray
    scores: dict[int, np.ndarray]


@dataclass(frozen=True)
class SoftMasks:
    """The answer to a `Request`.

    Attributes:
        foreground: uint8 (classes, H, W), 255 for 1, in the order of `image.classes`.
        boxes: per box the soft mask inside `box_slices(box)`, uint8; empty for a generator that sees whole classes.
    """

    foreground: np.ndarray
    boxes: list[np.ndarray]


class Generator(Protocol):
    """Maps (image, box map of a class or single boxes, score) to soft masks.

    `needs_scores` says whether it reads p_c at all, `relative_score` whether in parts of its highest value.
    It may take several requests at once, so that a network can batch over all their (image, class) pairs.
    """

    needs_scores: bool
    relative_score: bool

    def __call__(self, requests: list[Request]) -> list[SoftMasks]: ...
