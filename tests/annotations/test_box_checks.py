"""Boxes that leave their photograph, have no area, or are given in parts of its sides."""

import logging
from dataclasses import replace

import numpy as np
import pytest
from conftest import photograph_of

from lpg.annotations.box_checks import (
    box_faults,
    cut_boxes,
    number_faults,
    refuse_corners,
    refuse_relative,
    warn_of_copies,
)
from lpg.errors import InputError
from lpg.photograph import Photograph

NAMES = ["cat", "dog", "kite"]
NAN = float("nan")


def annotated(*boxes: list[float]) -> Photograph:
    """Boxes of cat, dog and kite, as an annotation has them."""
    photograph = photograph_of(6, 8, boxes, range(1, len(boxes) + 1))
    return replace(photograph, source="p.xml", object_ids=list(range(10, 10 + len(boxes))))


def test_box_that_leaves_the_photograph_is_a_fault_with_its_id_and_x_y_width_height():
    (fault,) = box_faults(annotated([0, 0, 8, 6], [5, 1.25, 9.5, 4]), NAMES)
    assert str(fault) == (
        "p.xml: the box of object 11 (dog, x y width height 5 1.25 4.5 2.75) leaves its photograph of 8×6 pixels; "
        "mend the annotation"
    )
    assert fault.permission == "clip_boxes"


@pytest.mark.parametrize("box", [[2, 2, 2, 5], [5, 2, 5, 4], [8, 1, 9, 3], [1, NAN, 4, 5]])
def test_box_of_no_area_is_a_fault(box):
    (fault,) = box_faults(annotated(box), NAMES)
    assert "p.xml: the box of object 10 (cat, " in fault.fault and " has no area inside its photogr" in fault.fault


def test_an_edge_that_is_no_number_is_a_fault_that_cutting_does_not_mend():
    (fault,) = number_faults(annotated([0, 0, 8, 6], [1, NAN, 4, 5]))
    assert fault.fault == "p.xml: the box of object 11 has an edge that is no number" and fault.permission is None


def test_cutting_cuts_and_drops_with_a_warning(caplog):
    with caplog.at_level(logging.WARNING):
        checked = cut_boxes(annotated([-2, 1, 5, 9], [9, 1, 12, 3], [1, 1, 2, 2]), NAMES)
    assert checked.boxes.tolist() == [[0, 1, 5, 6], [1, 1, 2, 2]]
    assert checked.class_ids.tolist() == [1, 3]
    assert checked.object_ids == [10, 12]
    clipped, dropped = (entry.message for entry in caplog.records)
    assert clipped.startswith("clipped: p.xml: the box of object 10 (cat, x y width height -2 1 7 8) leaves its")
    assert dropped.startswith("dropped: p.xml: the box of object 11 (dog, x y width height 9 1 3 2) has no area inside")


def test_fraction_of_a_pixel_outside_is_cut_without_a_word(caplog):
    photograph = annotated([-0.4, 0, 8.6, 6])
    assert box_faults(photograph, NAMES) == []
    with caplog.at_level(logging.WARNING):
        assert cut_boxes(photograph, NAMES).boxes.tolist() == [[0, 0, 8, 6]]
    assert not caplog.records


def test_excluded_boxes_stay_as_they_are_unless_an_edge_is_no_number():
    excluded = np.float32([[1, 2, 30, 4], [1, NAN, 2, 3], [-5, 0, 1, 1]])
    checked = cut_boxes(replace(annotated([0, 0, 8, 6]), excluded=excluded), NAMES)
    assert checked.excluded.tolist() == [[1, 2, 30, 4], [-5, 0, 1, 1]]


@pytest.mark.parametrize(
    ("boxes", "relative"),
    [
        ([[0.1, 0.2, 0.5, 0.9], [0, 0, 1, 1]], True),
        ([[3.2, 4.1, 3.9, 4.3], [5, 5, 5.5, 5.5]], True),
        ([[0.1, 0.2, 0.5, 0.9], [2, 2, 4, 3]], False),
        ([[0.1, 0.2, 0.5, 0.9], [NAN, 2, 4, 3]], True),
        ([[0, 0, 1, 6]], False),
        ([], False),
    ],
)
def test_boxes_in_parts_of_the_sides_are_refused(boxes, relative):
    photographs = [annotated(box) for box in boxes]
    if not relative:
        refuse_relative(photographs, "datasets.d")
        return
    with pytest.raises(InputError, match=r"^datasets\.d: every box is smaller than a pixel, so coordinates are parts"):
        refuse_relative(photographs, "datasets.d")


def test_a_box_whose_corners_are_exchanged_is_no_part_of_a_pixel():
    reversed_box = annotated([7, 1, 2, 4])
    refuse_relative([reversed_box], "datasets.tiny")
    (fault,) = box_faults(reversed_box, NAMES)
    assert "(cat, x y width height 7 1 -5 3) ends before it begins, in its photograph of 8×6 pixels" in fault.fault
    assert fault.remedy.startswith("exchange its corners, or the columns that they come from")


def test_corners_in_place_of_width_and_height_are_not_cut(caplog):
    """x0 y0 x1 y1 of 3 2 7 5, 4 1 8 6 and 1 1 5 4, which COCO's reader takes for x y width height."""
    wrong = [annotated([3, 2, 10, 7], [4, 1, 12, 7]), annotated([1, 1, 6, 5])]
    with pytest.raises(InputError, match=r"2 of 3 boxes leave their photograph, and none does as x0 y0 x1 y1; write"):
        refuse_corners(wrong, "datasets.tiny")
    refuse_corners([wrong[1]] * 3, "datasets.tiny")  # none leaves
    assert not caplog.messages
    refuse_corners([wrong[0], *[wrong[1]] * 9], "datasets.tiny")
    (said,) = caplog.messages
    assert "boxes leave their photograph, and none would as x0 y0 x1 y1: see that they are x y w h" in said
    refuse_corners([wrong[0]], "datasets.tiny")  # two are too few to tell
    refuse_corners([*wrong, annotated([5, 5, 8, 6])], "datasets.tiny")  # as corners this one ends before it begins


def test_corners_in_place_of_sides_are_known_though_a_tool_has_rounded_them():
    """COCO rounds to hundredths: 4.01 + 3.99 may be 8.01 in a photograph of 8 pixels."""
    boxes = [[4.01, 1, 4.01 + 8.01, 1 + 3], [5, 2, 5 + 7, 2 + 5], [3, 3, 3 + 6, 3 + 6]]
    with pytest.raises(InputError, match="3 of 3 boxes leave their photograph, and none does as x0 y0 x1 y1"):
        refuse_corners([annotated(box) for box in boxes], "datasets.d")


def test_objects_that_stand_twice_are_told(caplog):
    box, other = [1, 1, 5, 4], [1, 1, 5, 5]
    several = [
        replace(photograph_of(6, 8, [box, other, box, box], ids), name=f"d/{name}")
        for name, ids in (("two of a kind", [1, 1, 1, 1]), ("another class", [1, 1, 2, 2]))
    ]
    warn_of_copies([annotated(box, other)], "datasets.d")
    assert not caplog.records
    warn_of_copies([annotated(box, other), *several], "datasets.d")
    assert caplog.messages == [
        "datasets.d: 3 boxes repeat one of the same edges and class, as in d/two of a kind: each counts as an object"
    ]
