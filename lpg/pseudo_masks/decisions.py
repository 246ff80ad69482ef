"""What people have decided about single masks, applied where masks are made: a generator's word is not the last."""

import logging
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import numpy as np
from pycocotools import mask as rle

from lpg.files.boxes import BoxTable
from lpg.files.pseudo_masks import ACCEPTED, OPEN, REJECTED
from lpg.files.ragged import read_names
from lpg.generators.interface import Request, SoftMasks
from lpg.generators.opening import open_method
from lpg.photograph import Photograph
from lpg.pixels.soft_masks import as_soft
from lpg.pseudo_masks.decision_files import Entry, read_decisions
from lpg.pseudo_masks.decision_matching import match_decisions

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Decisions:
    """The decisions about the boxes of some photographs; none by default.

    Attributes:
        entries: by the name of a photograph and the position of a box in it.
        rejected: what becomes of a rejected mask: `void`, nothing is learned in its box; or `boxes`, all of its box.
    """

    entries: Mapping[str, Mapping[int, Entry]] = field(default_factory=dict)
    rejected: str = "void"

    @classmethod
    def load(
        cls,
        paths: Iterable[str | Path],
        images: Sequence[Photograph],
        classes: Sequence[str],
        rejected: str = "void",
        about: Container[str] | None = None,
    ) -> Self:
        """Read files of decisions (see `read_decisions`); where two are about the same box, the later one counts.

        Arguments:
            images: all photographs that they may be about, called `<dataset>/<name>`, for what a file calls a
                photograph may be the end of several names; decisions about others are left alone.
            classes: their class table.
            about: the names of those whose decisions are wanted; None for all.
        """
        paths = list(paths)
        if not paths:
            return cls()
        files = read_decisions(paths)
        for path, entries in zip(paths, files, strict=True):
            if not entries:
                log.warning("%s decides nothing: of a COCO file the objects count that have a mask", path)
        return cls(match_decisions(files, images, classes, about), rejected)

    @classmethod
    def of_boxes(
        cls,
        paths: Iterable[str | Path],
        boxes: Sequence[str | Path],
        rejected: str = "void",
        others: Sequence[str | Path] = (),
    ) -> Self:
        """Read decisions about the photographs of files of boxes, which are not opened if there are no decisions.

        Arguments:
            others: boxes of photographs that the decisions may be about too; what they are about is left out.
        """
        paths = list(paths)
        if not paths:
            return cls()
        table = BoxTable([*boxes, *others])
        own = {name for path in boxes for name in read_names(path)}
        return cls.load(paths, table.images, table.classes, rejected, own)

    def about(self, images: Iterable[Photograph]) -> Self:
        """The decisions about some of the photographs."""
        names = [image.name for image in images if image.name in self.entries]
        return replace(self, entries={name: self.entries[name] for name in names})

    def decide(self, image: Photograph, soft: SoftMasks) -> SoftMasks:
        """The soft masks of a photograph with those replaced that somebody has decided on.

        An accepted mask is cut to its box; a rejected one is empty, or fills its box; of one that another method makes
        again, what that calls object is 255, and the rest 0.
        """
        own = self.entries.get(image.name)
        if not own:
            return soft
        boxes = list(soft.boxes)
        for index, entry in own.items():
            if entry.decision == "accept":
                boxes[index] = as_soft(_given(entry)[image.inside[index]])
            elif entry.decision == "reject":
                boxes[index] = np.full_like(boxes[index], 255 * (self.rejected == "boxes"))
        for index, mask in _made_again(image, own):
            boxes[index] = mask
        foreground, whole = soft.foreground.copy(), SoftMasks.of_boxes(image, boxes).foreground
        touched = [image.classes.index(class_id) for class_id in {image.class_ids[index] for index in own}]
        foreground[touched] = whole[touched]
        return SoftMasks(foreground, boxes)

    def verdicts(self, image: Photograph) -> list[int]:
        """What was decided on every box of a photograph, for `settle`."""
        own, none = self.entries.get(image.name, {}), OPEN if self.rejected == "boxes" else REJECTED
        meaning = {"accept": ACCEPTED, "reject": none, "redo": OPEN}
        return [meaning[own[index].decision] if index in own else OPEN for index in range(len(image.boxes))]


UNDECIDED = Decisions()


def _given(entry: Entry) -> np.ndarray:
    """The mask that came with a decision, bool (H, W)."""
    return rle.decode(entry.mask) > 0


def _made_again(image: Photograph, own: Mapping[int, Entry]) -> Iterable[tuple[int, np.ndarray]]:
    """The masks that another method is to make, each method once for all of its boxes in the photograph."""
    asked: dict[str, list[int]] = {}
    for index, entry in own.items():
        if entry.decision == "redo":
            asked.setdefault(entry.method, []).append(index)
    if not asked:
        return
    photograph = image.read()
    for method, indices in asked.items():
        keys = [image.object_ids[index] for index in indices]
        part = replace(image, boxes=image.boxes[indices], class_ids=image.class_ids[indices], object_ids=keys)
        generator = open_method(method, {})
        masks = generator.masks_of(Request(part, photograph, {})).without_doubt(generator.object_from)
        yield from zip(indices, masks.boxes, strict=True)
