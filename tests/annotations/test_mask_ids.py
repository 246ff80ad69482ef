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


def test_classes_that_have_changed_places_are_refused_however_many_are_right():
    ids = seen([(1, 2)] * 4 + [(2, 1)] * 3 + [(3, 3)] * 90)
    with pytest.raises(InputError) as refused:
        ids.check()
    assert str(refused.value) == (
        "datasets.mine: in 4 of the 4 boxes of 'cat' the masks hold no pixel of it, but the id 2, which is 'dog'; and "
        "so for 1 more of the classes; write class_names in the order of the masks' ids: 1 is the first"
    )


def test_one_class_whose_objects_are_not_drawn_is_told_of(caplog):
    with caplog.at_level(logging.WARNING):
        seen([(1, 2)] * 3 + [(1, 1)] * 2 + [(2, 2)] * 9).check()
    assert "in 3 of the 5 boxes of 'cat' the masks hold no pixel of it, but the id 2, which is 'dog'" in caplog.text


def test_two_boxes_may_be_chance(caplog):
    seen([(1, 2)] * 2 + [(2, 1)] * 2).check()
    assert not caplog.records
