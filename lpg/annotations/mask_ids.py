"""Whether the numbers in masks stand for classes, and for those that the boxes name: the two meet nowhere else."""

import logging
from collections.abc import Sequence

import numpy as np

from lpg.classes import BACKGROUND, VOID
from lpg.errors import InputError
from lpg.photograph import Photograph
from lpg.pixels.box_maps import box_slices

log = logging.getLogger(__name__)

FEW = 3  # boxes of a class, below which chance may have it


class MaskIds:
    """Counts which ids the masks of a dataset hold, in the boxes of every class and at all.

    Arguments:
        dataset: its name, for what is said.
        class_names: without the background; 1 is the first of them.

    Attributes:
        seen: the ids that any mask holds.
    """

    def __init__(self, dataset: str, class_names: Sequence[str]) -> None:
        self.where, self.names = f"datasets.{dataset}", (BACKGROUND, *class_names)
        self.seen: set[int] = set()
        self.boxes = np.zeros(len(self.names), dtype=np.int64)  # in which there is an object at all
        self.holding = np.zeros((len(self.names), VOID + 1), dtype=np.int64)  # an id, and not that of their class

    def add(self, photograph: Photograph, label_map: np.ndarray) -> set[int]:
        """Count the boxes of a photograph.

        Arguments:
            label_map: its mask, uint8 (H, W).

        Returns: the ids that it holds.
        """
        for box, class_id in zip(photograph.boxes, photograph.class_ids, strict=True):
            ids = np.unique(label_map[box_slices(box, *label_map.shape)])
            ids = ids[(ids > 0) & (ids < VOID)]
            self.boxes[class_id] += bool(ids.size)
            if class_id not in ids:
                self.holding[class_id, ids] += 1
        own = set(np.unique(label_map).tolist())
        self.seen |= own
        return own

    def check(self) -> None:
        """Refuse masks that show no object, and classes that have changed places.

        Of one class alone, whose objects may just not be drawn, there is a warning.

        Raises:
            InputError: void is all that the masks hold beside background, as where they are written for people to look
                at, or most boxes of two classes or more hold another class's id, and none of their own.
        """
        if self.seen <= {0, VOID} and VOID in self.seen:
            raise InputError(
                f"{self.where}: the masks hold 0 and {VOID} alone, and {VOID} is void, where nothing is known",
                "write the ids of the classes in its place: 1 is the first of class_names",
            )
        most = self.holding.max(axis=1)
        strange = np.flatnonzero((self.boxes >= FEW) & (2 * most > self.boxes))
        if not strange.size:
            return
        first, other = strange[0], int(self.holding[strange[0]].argmax())
        fault = (
            f"{self.where}: in {most[first]} of the {self.boxes[first]} boxes of '{self.names[first]}' the "
            f"masks hold no pixel of it, but the id {other}, which is '{self.names[other]}'"
        )
        if strange.size == 1:
            log.warning("%s", fault)
            return
        raise InputError(
            f"{fault}; and so for {strange.size - 1} more of the classes",
            "write class_names in the order of the masks' ids: 1 is the first",
        )
