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
    warn_of_copies,
)
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


@pytest.mark.parametrize("box", [[2, 2, 2, 5], [5, 2, 5, 4], [8, 1, 9, 3]])
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


def test_a_box_whose_corners_are_exchanged_is_no_part_of_a_pixel():
    reversed_box = annotated([7, 1, 2, 4])
    (fault,) = box_faults(reversed_box, NAMES)
    assert "(cat, x y width height 7 1 -5 3) ends before it begins, in its photograph of 8×6 pixels" in fault.fault
    assert fault.remedy == "exchange its corners, or the columns that they come from" and fault.permission is None


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
