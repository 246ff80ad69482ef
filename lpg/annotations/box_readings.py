"""Boxes whose numbers mean something else than their format says: cut to photographs, they would be other boxes."""

import logging
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from lpg.errors import InputError
from lpg.photograph import Photograph

log = logging.getLogger(__name__)

FEW = 3  # boxes, from which on one may say what is wrong with them all,
MANY = 10  # and where boxes are only moved, in which small sets of them may lie by chance
HUNDRED, NEAR = 100, 90  # per cent, and what the largest of them are


class Form(NamedTuple):
    """What four numbers of a box are, and how they become corners x0 y0 x1 y1 and back, as floats or as arrays."""

    called: str
    columns: str  # of a table of such
    corners: Callable[..., tuple]
    numbers: Callable[..., tuple]


FORMS = {
    "corners": Form("x0 y0 x1 y1", "xmin, ymin, xmax, ymax", lambda *corners: corners, lambda *corners: corners),
    "sides": Form(
        "x y width height",
        "x, y, w, h",
        lambda x, y, width, height: (x, y, x + width, y + height),
        lambda x0, y0, x1, y1: (x0, y0, x1 - x0, y1 - y0),
    ),
    "centre": Form(
        "x y width height with x and y those of the centre",
        "cx, cy, w, h",
        lambda x, y, width, height: (x - width / 2, y - height / 2, x + width / 2, y + height / 2),
        lambda x0, y0, x1, y1: ((x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0),
    ),
}


class Reading(NamedTuple):
    """Another meaning of a box's four numbers.

    Attributes:
        called: how boxes lie in their photographs by it.
        corners: x0 y0 x1 y1 by it, from those that its format has: float32 (N, 4) to (N, 4).
        remedy: what to do where it is meant.
        least: how many boxes tell.
    """

    called: str
    corners: Callable[[np.ndarray], np.ndarray]
    remedy: str
    least: int


EXCHANGED = Reading(
    "with x and y exchanged", lambda boxes: boxes[:, [1, 0, 3, 2]], "exchange them in the annotations", MANY
)


def readings_of(form: str, format: str) -> list[Reading]:
    """What tools write by mistake where a format has one of `FORMS`: another of them, or x and y exchanged.

    For `around`, the box around four corners, the exchange is the only one.
    """
    if form not in FORMS:
        return [EXCHANGED]
    meant = FORMS[form]
    return [
        Reading(
            f"as {other.called}",
            lambda boxes, other=other: np.column_stack(other.corners(*meant.numbers(*boxes.T))),
            f"call the columns {other.columns}, in a header"
            if format == "csv"
            else f"write every box as the format's {meant.called}",
            FEW if "corners" in (form, name) else MANY,
        )
        for name, other in FORMS.items()
        if name != form
    ] + [EXCHANGED]


def at_fault(photograph: Photograph, boxes: np.ndarray) -> np.ndarray:
    """Which boxes leave a photograph by a pixel or more, for tools round, or have no area in it: bool (N,)."""
    inside = inside_of(photograph, boxes)
    return without_area(inside) | _moved(inside, boxes)


def inside_of(photograph: Photograph, boxes: np.ndarray) -> np.ndarray:
    """The boxes, (N, 4), cut to a photograph."""
    return np.clip(boxes, 0, np.array([photograph.width, photograph.height] * 2, dtype=np.float32))


def _moved(inside: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Which boxes cutting moves an edge of by a pixel or more: bool (N,)."""
    return np.abs(inside - boxes).max(axis=1, initial=0) >= 1


def without_area(boxes: np.ndarray) -> np.ndarray:
    """Which boxes have no area, or an edge that is no number: bool (N,)."""
    return ~(boxes[:, 2:] > boxes[:, :2]).all(axis=1)


def refuse_relative(photographs: Iterable[Photograph], where: str) -> None:
    """Refuse a dataset whose boxes all lie within the first pixel, or are all smaller than one; warn of per cent.

    Raises:
        InputError: its coordinates are parts of width and height.
    """
    within = small = larger = True
    found, highest = 0, 0.0
    for photograph in photographs:
        boxes = photograph.boxes[np.isfinite(photograph.boxes).all(axis=1)]
        found += len(boxes)
        highest = max(highest, float(boxes.max(initial=0)))
        within &= bool((boxes <= 1).all())
        small &= bool((np.abs(boxes[:, 2:] - boxes[:, :2]) < 1).all())
        larger &= min(photograph.height, photograph.width) > HUNDRED
    if found and (within or small):
        raise InputError(
            f"{where}: every box is smaller than a pixel, so coordinates are parts of width and height",
            "multiply them by the photograph's width and height",
        )
    if found >= FEW and larger and NEAR < highest <= HUNDRED:
        log.warning(
            "%s: no box reaches beyond 100 pixels, in photographs that are all larger: see that coordinates are no per "
            "cent of width and height",
            where,
        )


def refuse_misread(photographs: Iterable[Photograph], where: str, format: str, form: str) -> bool:
    """Refuse a dataset whose boxes mostly leave their photographs, and all lie in them if they are read otherwise.

    A few boxes that end before they begin, as none does, are enough in place of most. Where few leave, that is said
    alone: large objects in the middle lie in their photographs either way.

    Arguments:
        format, form: of the dataset, and which of `FORMS` its numbers are meant to be.

    Returns: whether most leave, and no other reading is known in which none would.

    Raises:
        InputError: its boxes are not what its format has.
    """
    readings = readings_of(form, format)
    found = leaving = crossed = 0
    for photograph in photographs:
        boxes = photograph.boxes
        found += len(boxes)
        ending_first = (boxes[:, 2:] < boxes[:, :2]).any(axis=1)
        beyond = _moved(inside_of(photograph, boxes), boxes)
        crossed += int(ending_first.sum())
        leaving += int((ending_first | beyond).sum())  # a point says nothing of how it is to be read
        readings = [one for one in readings if not at_fault(photograph, one.corners(boxes)).any()]
    most = found >= FEW and leaving > found / 2
    least = min((one.least for one in readings), default=0)
    called = " or ".join(one.called for one in readings)
    if readings and found >= least and (most or crossed >= FEW):
        raise InputError(
            f"{where}: {leaving} of {found} boxes leave their photograph, and none does {called}",
            " or ".join(dict.fromkeys(one.remedy for one in readings)),
        )
    if readings and leaving >= (1 if least == FEW else FEW):
        log.warning("%s: %d of %d boxes leave their photograph, and none would %s", where, leaving, found, called)
    return most
