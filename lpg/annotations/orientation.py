"""Which pixels boxes are of: those that a photograph stores, or those that its EXIF orientation makes upright.

COCO's own boxes are of stored pixels, those of today's tools of upright ones. Orientations 5 to 8 swap the sides, so
that the size in the annotation tells; where it does not, the dataset's other photographs do, or the configuration.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
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
        """The height and width, as EXIF turns them if `upright`, else as they are stored."""
        return (self.width, self.height) if upright and self.orientation in TRANSPOSED else (self.height, self.width)


def settle(
    looks: Sequence[tuple[Photograph, Pixels] | InputError],
    choice: Orientation | None,
    where: str,
    allowed: Callable[[InputError], bool],
) -> Iterator[Photograph | InputError]:
    """Every photograph with its size and orientation settled, or its fault, where its size is another.

    Arguments:
        looks: at the photographs of one dataset, as its reader gives them, beside what their files say; what cannot be
            read stays so.
        choice: the configuration's word for those of which nothing else tells.
        where: the dataset's place in the configuration, for messages.
        allowed: whether one may go on without what cannot be read.

    Raises:
        InputError: nothing tells of some of them; before the first is given. It says too what cannot be read.
    """
    told = [None if isinstance(look, InputError) else _told_by_size(*look) for look in looks]
    known = {upright for upright in told if upright is not None}
    others = choice == "upright" if choice else next(iter(known)) if len(known) == 1 else None
    upright = [others if one is None else one for one in told]
    contradictory = len(known) > 1
    undecided = [_undecided(*look, where, contradictory) for look in _turned_somehow(looks, upright)]
    if undecided:
        refuse([*undecided, *(one for one in looks if isinstance(one, InputError) and not allowed(one))], where)
    return _settled(looks, upright)


def _turned_somehow(
    looks: Sequence[tuple[Photograph, Pixels] | InputError], upright: Sequence[bool | None]
) -> Iterator[tuple[Photograph, Pixels]]:
    """The photographs that EXIF turns, and of which nothing tells whether their boxes are turned, too."""
    if None in upright:
        for look, one in zip(looks, upright, strict=True):
            if one is None and not isinstance(look, InputError) and look[1].orientation > 1:
                yield look


def _settled(
    looks: Sequence[tuple[Photograph, Pixels] | InputError], upright: Sequence[bool | None]
) -> Iterator[Photograph | InputError]:
    turned = Counter()
    for look, one in zip(looks, upright, strict=True):
        settled = look if isinstance(look, InputError) else _sized(*look, bool(one))
        if isinstance(settled, Photograph) and look[1].orientation > 1:
            turned[settled.upright] += 1
        yield settled
    if turned:
        log.info(
            "%d photographs have an EXIF orientation: %d are read upright, %d as they are stored",
            turned.total(), turned[True], turned[False],
        )  # fmt: skip


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
