"""What a generator is, learned or not."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from lpg.box_maps import box_slices
from lpg.boxes import Image


@dataclass(frozen=True)
class Request:
    """One photograph whose objects are wanted.

    Attributes:
        image: its boxes and their classes.
        photograph: uint8 (H, W, 3).
        scores: p_c of every class that the boxes name and of the background (0), uint8 (H, W), 255 for 1 or for its
            highest value, as the generator wants it; empty for one that reads no scores.
    """

    image: Image
    photograph: np.ndarray
    scores: Mapping[int, np.ndarray]


@dataclass(frozen=True)
class SoftMasks:
    """The answer to a `Request`.

    Attributes:
        foreground: uint8 (classes, H, W), 255 for 1, in the order of `image.classes`.
        boxes: per box the soft mask inside `box_slices(box)`, uint8; empty for a generator that sees whole classes.
    """

    foreground: np.ndarray
    boxes: list[np.ndarray] = field(default_factory=list)


class Generator:
    """Maps (image, box map of a class or single boxes, score) to soft masks. Give it `masks_of`, or `__call__`.

    Attributes:
        relative_score: whether it wants p_c in parts of its highest value.
        band: soft masks from `band[1]` on are object, below `band[0]` background, void between: the ignore band.
    """

    relative_score = False
    band = (0.5, 0.5)

    def to(self, device: str) -> "Generator":
        """Move to `cpu` or `cuda`, in place; most have nothing to move."""
        return self

    def __call__(self, requests: list[Request]) -> list[SoftMasks]:
        """Several requests at once, so that a network can batch over all their (image, class) pairs."""
        return [self.masks_of(request) for request in requests]

    def masks_of(self, request: Request) -> SoftMasks:
        raise NotImplementedError


class BoxGenerator(Generator):
    """One that masks a box at a time. Give it `mask_of_box`."""

    def masks_of(self, request: Request) -> SoftMasks:
        image = request.image
        state = self.prepare(request)
        inside = [box_slices(box, image.height, image.width) for box in image.boxes]
        boxes = [self.mask_of_box(request.photograph, where, state) for where in inside]
        return SoftMasks(whole_classes(image, inside, boxes), boxes)

    def prepare(self, request: Request):
        """What all boxes of a photograph share; handed to `mask_of_box`."""

    def mask_of_box(self, photograph: np.ndarray, inside: tuple[slice, slice], state) -> np.ndarray:
        """The object of the box `inside`, uint8 (h, w) of the box, 255 for 1."""
        raise NotImplementedError


def whole_classes(image: Image, inside: list[tuple[slice, slice]], boxes: list[np.ndarray]) -> np.ndarray:
    """The soft masks of single boxes as soft masks of their classes, the maximum where boxes of a class meet.

    Arguments:
        inside, boxes: per box its rows and columns, and its soft mask uint8 (h, w).

    Returns: uint8 (classes, H, W).
    """
    foreground = np.zeros((len(image.classes), image.height, image.width), dtype=np.uint8)
    for where, class_id, mask in zip(inside, image.class_ids, boxes, strict=True):
        channel = foreground[image.classes.index(class_id)]
        channel[where] = np.maximum(channel[where], mask)
    return foreground
