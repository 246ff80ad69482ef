"""Whether the numbers in masks stand for classes, and for those that the boxes name: the two meet nowhere else."""

import logging
from collections.abc import Sequence

import numpy as np

from lpg.classes import BACKGROUND, VOID
from lpg.errors import InputError
from lpg.photograph import Photograph
from lpg.pixels.box_maps import box_slices

log = logging.getLogger(__name__)

FEW = 3  # boxes, below which chance may have it
SEVERAL = VOID  # in place of a class: boxes of two or more lie over a pixel


class MaskIds:
    """Counts which ids the masks of a dataset hold: at all, and in its boxes where no other class's lie over them.

    Arguments:
        dataset: its name, for what is said.
        class_names: without the background; 1 is the first of them.

    Attributes:
        seen: the ids that any mask holds.
    """

    def __init__(self, dataset: str, class_names: Sequence[str]) -> None:
        self.where, self.names = f"datasets.{dataset}", (BACKGROUND, *class_names)
        self.seen: set[int] = set()
        self.held = np.zeros((len(self.names), VOID + 1), dtype=np.int64)  # boxes of a class that show an id most

    def add(self, photograph: Photograph, label_map: np.ndarray) -> set[int]:
        """Count the boxes of a photograph.

        Arguments:
            label_map: its mask, uint8 (H, W).

        Returns: the ids that it holds.
        """
        boxes = [box_slices(box, *label_map.shape) for box in photograph.boxes]
        classes = np.zeros_like(label_map)
        for box, class_id in zip(boxes, photograph.class_ids, strict=True):
            here = classes[box]
            here[:] = np.where((here == 0) | (here == class_id), class_id, SEVERAL)
        for box, class_id in zip(boxes, photograph.class_ids, strict=True):
            pixels = np.bincount(label_map[box][classes[box] == class_id], minlength=VOID + 1)
            pixels[[0, VOID]] = 0
            self.held[class_id, pixels.argmax()] += pixels.any()
        own = set(np.unique(label_map).tolist())
        self.seen |= own
        return own

    def check(self) -> None:
        """Refuse masks that show no object, and classes that have changed places.

        Of a class whose objects may just not be drawn there is a warning.

        Raises:
            InputError: void is all that the masks hold beside background, as where they are written for people to look
                at, or most boxes of a class show the id of another class most, whose boxes show another's, too.
        """
        if self.seen <= {0, VOID} and VOID in self.seen:
            raise InputError(
                f"{self.where}: the masks hold 0 and {VOID} alone, and {VOID} is void, where nothing is known",
                "write the ids of the classes in its place: 1 is the first of class_names",
            )
        boxes, most, shown = self.held.sum(axis=1), self.held.max(axis=1), self.held.argmax(axis=1)
        strange = (shown != np.arange(len(self.names))) & (2 * most > boxes)
        exchanged = shown[shown] == np.arange(len(self.names))
        known = np.where(exchanged, boxes + boxes[shown], np.minimum(boxes, boxes[shown]))
        moved = np.flatnonzero(strange & strange[shown] & (known >= FEW))
        undrawn = np.flatnonzero(strange & (boxes >= FEW))
        if not moved.size and not undrawn.size:
            return
        one = (moved if moved.size else undrawn)[0]
        other = shown[one]
        fault = (
            f"{self.where}: in {most[one]} of {boxes[one]} boxes of '{self.names[one]}' the masks show the id {other}, "
            f"which is '{self.names[other]}'"
        )
        if not moved.size:
            log.warning("%s", fault)
            return
        raise InputError(
            f"{fault}, and in {most[other]} of {boxes[other]} of that the id {shown[other]}",
            "write class_names in the order of the masks' ids: 1 is the first",
        )
