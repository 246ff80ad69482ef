"""What a generator is, learned or not."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from lpg.photograph import Photograph
from lpg.pixels.soft_masks import as_soft


@dataclass(frozen=True)
class Request:
    """One photograph whose objects are wanted.

    Attributes:
        image: its boxes and their classes.
        photograph: uint8 (H, W, 3).
        scores: p_c of every class that the boxes name and of the background (0), uint8 (H, W), 255 for 1, in the form
            that the generator wants; empty for one that reads no scores.
    """

    image: Photograph
    photograph: np.ndarray
    scores: Mapping[int, np.ndarray]


@dataclass(frozen=True)
class SoftMasks:
    """The answer to a `Request`.

    Attributes:
        foreground: uint8 (classes, H, W), 255 for 1, in the order of `image.classes`.
        boxes: of every box the soft mask inside its pixels, uint8 (h, w), in the order of `image.boxes`. Their maximum
            has the objects that `foreground` has, and its doubt if that says how good a mask is.
    """

    foreground: np.ndarray
    boxes: Sequence[np.ndarray]

    @classmethod
    def of_classes(cls, image: Photograph, foreground: np.ndarray) -> Self:
        """The masks of a generator that sees whole classes: a box has what its class has inside it."""
        foreground = as_soft(foreground)
        channels = [image.classes.index(class_id) for class_id in image.class_ids]
        return cls(
            foreground, [foreground[channel][inside] for channel, inside in zip(channels, image.inside, strict=True)]
        )

    @classmethod
    def of_boxes(cls, image: Photograph, boxes: Sequence[np.ndarray]) -> Self:
        """The masks of a generator that sees single boxes: a class has the maximum where its boxes meet."""
        boxes = list(map(as_soft, boxes))
        foreground = np.zeros((len(image.classes), image.height, image.width), dtype=np.uint8)
        for inside, class_id, mask in zip(image.inside, image.class_ids, boxes, strict=True):
            channel = foreground[image.classes.index(class_id)]
            channel[inside] = np.maximum(channel[inside], mask)
        return cls(foreground, boxes)

    def without_doubt(self, object_from: int) -> Self:
        """These masks, those of boxes all yes or no: what a dense CRF leaves in doubt says nothing of their quality."""
        return replace(self, boxes=[as_soft(mask >= object_from) for mask in self.boxes])


class Generator:
    """Maps (image, box map of a class or single boxes, score) to soft masks. Give it `masks_of`.

    Attributes:
        network: whether it runs one: then it works in one process, and takes several requests at once.
        named_score: whether it wants the scores shared out among the classes that the boxes name.
        band: soft masks from `band[1]` on are object, below `band[0]` background, void between: the ignore band that
            is a part of the method. A run's stands in its place where labels are made, and changes no object.
        fusion: which class has a pixel that several claim: by their `overlap` rates or by their `odds`.
    """

    network = False
    named_score = False
    band = (0.5, 0.5)
    fusion = "overlap"

    @property
    def object_from(self) -> int:
        """The least value of a soft mask, uint8, that the method calls object."""
        return math.ceil(255 * self.band[1])

    def to(self, device: str) -> Self:
        """Move to `cpu` or `cuda`, in place; most have nothing to move."""
        return self

    def __call__(self, requests: Sequence[Request]) -> list[SoftMasks]:
        """The masks of several requests at once, so that a network can batch over all their (image, class) pairs."""
        return [self.masks_of(request) for request in requests]

    def masks_of(self, request: Request) -> SoftMasks:
        """The masks of one photograph."""
        raise NotImplementedError


class BoxGenerator(Generator):
    """A generator that masks a box at a time. Give it `mask_of_box`."""

    def masks_of(self, request: Request) -> SoftMasks:
        state = self.prepare(request)
        masks = [self.mask_of_box(request.photograph, inside, state) for inside in request.image.inside]
        return SoftMasks.of_boxes(request.image, masks)

    def prepare(self, request: Request):
        """What all boxes of a photograph share; handed to `mask_of_box`."""

    def mask_of_box(self, photograph: np.ndarray, inside: tuple[slice, slice], state) -> np.ndarray:
        """The object of the box `inside`, uint8 (h, w) of the box, 255 for 1."""
        raise NotImplementedError
