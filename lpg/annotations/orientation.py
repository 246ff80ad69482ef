"""Which pixels boxes are of: those that a photograph stores, or those that its EXIF orientation makes upright.

COCO's own boxes are of stored pixels, those of today's tools of upright ones. Orientations 5 to 8 swap the sides, so
that the size in the annotation tells; where it does not, the dataset's other photographs do, or the configuration.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lpg.annotations.faults import refuse
from lpg.errors import InputError
from lpg.photograph import Photograph
from lpg.pixels.pictures import TRANSPOSED

log = logging.getLogger(__name__)

Orientation = Literal["stored", "upright"]


@dataclass(frozen=True)
class Pixels:
    """What a file of pixels says of itself: the stored sides, and EXIF's orientation, 1 to 8."""

    height: int
    width: int
    orientation: int = 1

    def size(self, upright: bool) -> tuple[int, int]:
        """Height and width."""
        return (self.width, self.height) if upright and self.orientation in TRANSPOSED else (self.height, self.width)


def settle(
    photographs: Sequence[tuple[Photograph, Pixels]], choice: Orientation | None, where: str
) -> list[Photograph | InputError]:
    """Every photograph with its size and orientation settled, or, where its size is another, that it is.

    Arguments:
        photographs: of one dataset, as its reader gives them, beside what their files say.
        choice: the configuration's word for those of which nothing else tells.
        where: the dataset's place in the configuration, for messages.

    Raises:
        InputError: nothing tells of some of them.
    """
    told = [_told_by_size(*one) for one in photographs]
    known = {upright for upright in told if upright is not None}
    others = choice == "upright" if choice else next(iter(known)) if len(known) == 1 else None
    upright = [others if one is None else one for one in told]
    undecided = [
        _undecided(photograph, pixels, where, contradictory=len(known) > 1)
        for (photograph, pixels), one in zip(photographs, upright, strict=True)
        if one is None and pixels.orientation > 1
    ]
    refuse(undecided, where)
    settled = [_sized(*one, bool(turned)) for one, turned in zip(photographs, upright, strict=True)]
    _say(photographs, settled)
    return settled


def _told_by_size(photograph: Photograph, pixels: Pixels) -> bool | None:
    """Whether an annotation is of the upright photograph; None if its size does not tell, or if both are one."""
    stated = photograph.height, photograph.width
    stored, upright = (stated == pixels.size(turned) for turned in (False, True))
    return upright if stored != upright else None


def _sized(photograph: Photograph, pixels: Pixels, upright: bool) -> Photograph | InputError:
    height, width = pixels.size(upright)
    stated = photograph.height, photograph.width
    if stated not in ((0, 0), (height, width)):
        turned = f", with the EXIF orientation {pixels.orientation}," if pixels.orientation > 1 else ""
        return InputError(
            f"{photograph.path} is {pixels.width}×{pixels.height} pixels{turned} but {photograph.source} says "
            f"{photograph.width}×{photograph.height}",
            "mend the annotation",
            permission="skip_unreadable",
        )
    return replace(photograph, height=height, width=width, upright=upright and pixels.orientation > 1)


def _undecided(photograph: Photograph, pixels: Pixels, where: str, contradictory: bool) -> InputError:
    others = "and the others contradict each other" if contradictory else "nor does another photograph of the dataset"
    return InputError(
        f"{photograph.path} is to be turned (EXIF orientation {pixels.orientation}), and {photograph.source} does not "
        f"tell whether before or after its boxes, {others}",
        f"look at one, and say orientation: upright ({where}, or --orientation) if they fit what a viewer shows, "
        "as those of today's tools do, or stored if they fit the pixels as they lie in the file, as COCO's own do",
    )


def _say(photographs: Sequence[tuple[Photograph, Pixels]], settled: Sequence[Photograph | InputError]) -> None:
    turned = [
        one
        for (_, pixels), one in zip(photographs, settled, strict=True)
        if pixels.orientation > 1 and isinstance(one, Photograph)
    ]
    if turned:
        upright = sum(photograph.upright for photograph in turned)
        log.info(
            "%d photographs have an EXIF orientation: %d are read upright, %d as they are stored",
            len(turned), upright, len(turned) - upright,
        )  # fmt: skip
