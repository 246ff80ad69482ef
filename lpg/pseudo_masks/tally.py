"""Masks that came out empty, or that fill their box: silence about them would pass for success."""

import logging
from collections.abc import Container, Sequence

import numpy as np

from lpg.files.pseudo_masks import HALF
from lpg.photograph import Photograph

log = logging.getLogger(__name__)

LISTED = 10


class Tally:
    """Counts the boxes of photographs by what their masks are."""

    def __init__(self) -> None:
        self.boxes, self.filled, self.empty = 0, 0, 0
        self.first: list[str] = []  # of the empty ones

    def add(
        self, image: Photograph, masks: Sequence[np.ndarray], object_from: int = HALF, decided: Container[int] = ()
    ) -> None:
        """The soft masks of a photograph, uint8 (h, w), one per box; from `object_from` on they are object.

        Arguments:
            decided: the boxes, by position, whose masks people have decided on: of those nothing need be told.
        """
        for index, (key, mask) in enumerate(zip(image.object_ids, masks, strict=True)):
            if index in decided:
                continue
            self.boxes += 1
            inside = np.count_nonzero(mask >= object_from)
            self.filled += 0 < inside == mask.size
            self.empty += not inside
            if not inside and len(self.first) < LISTED:
                self.first.append(f"{image.name} {key} ({mask.shape[1]}×{mask.shape[0]})")

    def tell(self) -> None:
        """Log how many there are, and which are empty."""
        if self.filled:
            log.info("%d of %d masks fill their box", self.filled, self.boxes)
        if self.empty:
            more = f" and {self.empty - LISTED} more" if self.empty > LISTED else ""
            log.warning(
                "%d of %d masks are EMPTY, of the objects %s%s",
                self.empty, self.boxes, ", ".join(self.first), more,
            )  # fmt: skip
