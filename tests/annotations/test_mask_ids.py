"""Masks whose ids are not in the order of the classes that the boxes name."""

import logging
from pathlib import Path

import numpy as np
import pytest

from lpg.annotations.mask_ids import MaskIds
from lpg.errors import InputError
from lpg.photograph import Photograph

CLASSES = "cat", "dog", "cow"


def seen(objects: list[tuple[int, int]]) -> MaskIds:
    """Photographs of one box each, of a class, in which a mask of an id lies."""
    ids = MaskIds("mine", CLASSES)
    for index, (class_id, mask_id) in enumerate(objects):
        label_map = np.zeros((8, 9), dtype=np.uint8)
        label_map[2:5, 3:6], label_map[0] = mask_id, 255
        box = np.array([[3, 2, 6, 5]], dtype=np.float32)
        ids.add(Photograph(f"{index}", Path("x"), 8, 9, box, np.array([class_id]), index, ["1"]), label_map)
    return ids


def test_ids_of_their_classes_are_silent(caplog):
    seen([(1, 1), (2, 2), (3, 3), (1, 0), (2, 0), (1, 2), (1, 255)] * 3).check()
    assert not caplog.records


@pytest.mark.parametrize(
    ("objects", "fault"),
    [
        (
            [(1, 2)] * 4 + [(2, 1)] * 3 + [(3, 3)] * 90,
            "in 4 of 4 boxes of 'cat' the masks show the id 2, which is 'dog', and in 3 of 3 of that the id 1",
        ),
        (
            [(1, 2), (1, 2), (2, 1)],
            "in 2 of 2 boxes of 'cat' the masks show the id 2, which is 'dog', and in 1 of 1 of that the id 1",
        ),
        (
            [(1, 1)] * 9 + [(2, 3), (3, 0)] + [(3, 2), (3, 3), (3, 2)],
            "in 1 of 1 boxes of 'dog' the masks show the id 3, which is 'cow', and in 2 of 3 of that the id 2",
        ),
        (
            [(1, 2)] * 3 + [(2, 3)] * 3,  # as where a name is missing before them
            "in 3 of 3 boxes of 'cat' the masks show the id 2, which is 'dog', and in 3 of 3 of that the id 3",
        ),
    ],
)
def test_classes_that_have_changed_places_are_refused_however_many_are_right(objects, fault):
    with pytest.raises(InputError) as refused:
        seen(objects).check()
    remedy = "write class_names in the order of the masks' ids: 1 is the first"
    assert str(refused.value) == f"datasets.mine: {fault}; {remedy}"


@pytest.mark.parametrize("others", [[(2, 2)] * 9, [(2, 2)] * 9 + [(3, 2)] * 4])
def test_classes_whose_objects_are_not_drawn_are_told_of(caplog, others):
    """Those of a wheel and of a plate show the car."""
    with caplog.at_level(logging.WARNING):
        seen([(1, 2)] * 3 + [(1, 1)] * 2 + others).check()
    assert "datasets.mine: in 3 of 5 boxes of 'cat' the masks show the id 2, which is 'dog'" in caplog.text


def test_two_boxes_may_be_chance(caplog):
    seen([(1, 2), (2, 1)] + [(3, 3)] * 9).check()
    seen([(1, 2), (1, 2)]).check()
    seen([(1, 2), (1, 2), (2, 3)] + [(3, 3)] * 9).check()
    assert not caplog.records


def two_boxes(class_ids: tuple[int, int], boxes: list[list[int]], label_map: np.ndarray) -> MaskIds:
    ids = MaskIds("mine", CLASSES)
    edges = np.array(boxes, dtype=np.float32)
    for index in range(3):
        image = Photograph(f"{index}", Path("x"), 4, 8, edges, np.array(class_ids), index, ["1", "2"])
        ids.add(image, label_map)
    return ids


def test_a_box_over_another_classs_counts_where_it_lies_alone(caplog):
    label_map = np.repeat([[1, 1, 1, 1, 2, 2, 2, 0]], 4, axis=0).astype(np.uint8)
    boxes = [[0, 0, 5, 4], [1, 0, 7, 4]]  # more of the dog's box shows the cat, but not where it is alone
    two_boxes((1, 2), boxes, label_map).check()
    assert not caplog.records
    with pytest.raises(InputError, match="in 3 of 3 boxes of 'cat' the masks show the id 2"):
        two_boxes((2, 1), boxes, label_map).check()


def test_two_classes_on_the_same_objects_are_nobodys_fault(caplog):
    """A vehicle that is a car, whose mask lies on top."""
    two_boxes((1, 2), [[0, 0, 8, 4]] * 2, np.full((4, 8), 2, dtype=np.uint8)).check()
    two_boxes((2, 1), [[0, 0, 8, 4]] * 2, np.full((4, 8), 2, dtype=np.uint8)).check()
    assert not caplog.records
