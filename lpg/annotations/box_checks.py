"""Boxes that cannot be: outside of their photograph, of no area, or in parts of its sides."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from lpg.errors import InputError, one_line
from lpg.photograph import Photograph

log = logging.getLogger(__name__)

REVERSED = "exchange its corners, or the columns that they come from, for nothing is left of it if it is cut"
FEW = 3  # boxes, from which on one may say what is wrong with them all


def box_faults(photograph: Photograph, class_names: Sequence[str]) -> list[InputError]:
    """Boxes that leave their photograph or have no area.

    COCO's rounding puts edges a fraction of a pixel outside: less than one pixel is no fault.
    """
    return [fault for _, fault in _faults(photograph, class_names)]


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
    for is_empty, fault in _faults(photograph, class_names):
        log.warning("%s: %s", "dropped" if is_empty else "clipped", one_line(fault.fault))
    inside = _inside(photograph)
    stay = np.flatnonzero(~_empty(inside))
    return replace(
        photograph,
        boxes=inside[stay],
        class_ids=photograph.class_ids[stay],
        object_ids=[photograph.object_ids[index] for index in stay],
        excluded=photograph.excluded[np.isfinite(photograph.excluded).all(axis=1)],
    )


def refuse_relative(photographs: Iterable[Photograph], where: str) -> None:
    """Refuse a dataset whose boxes all lie within the first pixel, or are all smaller than one.

    Raises:
        InputError: its coordinates are parts of width and height.
    """
    within = small = True
    found = 0
    for photograph in photographs:
        boxes = photograph.boxes[np.isfinite(photograph.boxes).all(axis=1)]
        found += len(boxes)
        within &= bool((boxes <= 1).all())
        small &= bool((np.abs(boxes[:, 2:] - boxes[:, :2]) < 1).all())
    if found and (within or small):
        raise InputError(
            f"{where}: every box is smaller than a pixel, so coordinates are parts of width and height",
            "multiply them by the photograph's width and height",
        )


def refuse_corners(photographs: Iterable[Photograph], where: str) -> None:
    """Refuse a COCO dataset whose boxes mostly leave their photographs, and all lie in them if read as two corners.

    Where few leave, that is said alone: large objects in the middle lie in their photographs either way.

    Raises:
        InputError: its boxes are corners; cut to their photographs they would be other boxes.
    """
    found = leaving = 0
    for photograph in photographs:
        starts, stops = photograph.boxes[:, :2], photograph.boxes[:, 2:]
        stated, sides = stops - starts, np.array([photograph.width, photograph.height])  # as the file has it
        if not ((stated > starts) & (stated < sides + 1)).all():  # tools round
            return
        found += len(starts)
        leaving += int((stops >= sides + 1).any(axis=1).sum())
    if found >= FEW and leaving > found / 2:
        raise InputError(
            f"{where}: {leaving} of {found} boxes leave their photograph, and none does as x0 y0 x1 y1",
            "write every bbox as COCO's x y width height",
        )
    if leaving:
        log.warning(
            "%s: %d of %d boxes leave their photograph, and none would as x0 y0 x1 y1: see that they are x y w h",
            where,
            leaving,
            found,
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


def _inside(photograph: Photograph) -> np.ndarray:
    """The boxes, cut to the photograph."""
    return np.clip(photograph.boxes, 0, np.array([photograph.width, photograph.height] * 2, dtype=np.float32))


def _empty(boxes: np.ndarray) -> np.ndarray:
    return ~(boxes[:, 2:] > boxes[:, :2]).all(axis=1)  # so that an edge that is no number counts too


def _faults(photograph: Photograph, class_names: Sequence[str]) -> list[tuple[bool, InputError]]:
    """Every fault, and whether nothing of its box is left inside."""
    inside = _inside(photograph)
    empty = _empty(inside)
    outside = np.abs(inside - photograph.boxes).max(axis=1, initial=0) >= 1
    return [
        (empty[index], _fault(photograph, class_names, index, empty[index]))
        for index in np.flatnonzero(outside | empty)
    ]


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
        permission="clip_boxes",
    )
