"""Boxes that cannot be: outside of their photograph, or of no area."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from lpg.annotations.box_readings import at_fault, inside_of, without_area
from lpg.errors import InputError, one_line
from lpg.photograph import Photograph

log = logging.getLogger(__name__)

REVERSED = "exchange its corners, or the columns that they come from"


def box_faults(photograph: Photograph, class_names: Sequence[str], cutting: bool = True) -> list[InputError]:
    """Boxes that leave their photograph or have no area, but for those of `number_faults`.

    COCO's rounding puts edges a fraction of a pixel outside: less than one pixel is no fault.

    Arguments:
        cutting: whether to cut them may be what is wanted.
    """
    faults = [fault for index, fault in _faults(photograph, class_names) if np.isfinite(photograph.boxes[index]).all()]
    return faults if cutting else [InputError(fault.fault, fault.remedy) for fault in faults]


def number_faults(photograph: Photograph) -> list[InputError]:
    """Boxes of which an edge is no number: what is meant cannot be cut out of them."""
    keys = [photograph.object_ids[index] for index in np.flatnonzero(~np.isfinite(photograph.boxes).all(axis=1))]
    where = f"{photograph.source}: the box of object"
    return [
        InputError(f"{where} {key} has an edge that is no number", "mend the annotation, or drop it") for key in keys
    ]


def cut_boxes(photograph: Photograph, class_names: Sequence[str]) -> Photograph:
    """Cut the boxes that leave their photograph and drop those of no area, with a warning for each of `box_faults`.

    Excluded boxes stay as they are, without those of which an edge is no number.
    """
    inside = inside_of(photograph, photograph.boxes)
    empty = without_area(inside)
    for index, fault in _faults(photograph, class_names):
        log.warning("%s: %s", "dropped" if empty[index] else "clipped", one_line(fault.fault))
    stay = np.flatnonzero(~empty)
    return replace(
        photograph,
        boxes=inside[stay],
        class_ids=photograph.class_ids[stay],
        object_ids=[photograph.object_ids[index] for index in stay],
        excluded=photograph.excluded[np.isfinite(photograph.excluded).all(axis=1)],
    )


def warn_of_copies(photographs: Iterable[Photograph], where: str) -> None:
    """Tell of boxes that repeat another of their photograph: exports that were joined hold objects twice."""
    copies, first = 0, ""
    for photograph in photographs:
        rows = np.column_stack([photograph.boxes, photograph.class_ids])
        found = len(rows) - len(np.unique(rows, axis=0))
        copies, first = copies + found, first or (photograph.name if found else "")
    if copies:
        log.warning(
            "%s: %d boxes repeat one of the same edges and class, as in %s: each counts as an object",
            where,
            copies,
            first,
        )


def _faults(photograph: Photograph, class_names: Sequence[str]) -> list[tuple[int, InputError]]:
    """Every fault, with the position of its box."""
    positions = np.flatnonzero(at_fault(photograph, photograph.boxes)).tolist()
    if not positions:
        return []
    empty = without_area(inside_of(photograph, photograph.boxes))
    return [(index, _fault(photograph, class_names, index, empty[index])) for index in positions]


def _fault(photograph: Photograph, class_names: Sequence[str], index: int, is_empty: bool) -> InputError:
    x0, y0, x1, y1 = (float(edge) for edge in photograph.boxes[index])
    sides = " ".join(f"{value:.6g}" for value in (x0, y0, x1 - x0, y1 - y0))
    name, size = class_names[photograph.class_ids[index] - 1], f"{photograph.width}×{photograph.height}"
    reversed_corners = x1 < x0 or y1 < y0
    lies = "has no area inside" if is_empty else "leaves"
    return InputError(
        f"{photograph.source}: the box of object {photograph.object_ids[index]} ({name}, x y width height {sides}) "
        f"{'ends before it begins, in' if reversed_corners else lies} its photograph of {size} pixels",
        REVERSED if reversed_corners else "mend the annotation",
        permission="clip_boxes" if not reversed_corners else None,  # nothing would be left of it
    )
