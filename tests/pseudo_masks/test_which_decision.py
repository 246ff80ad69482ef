"""Which decision counts, for which box, and what is seen of a mask on the page."""

import numpy as np
import pytest
from conftest import photograph_of
from PIL import Image
from pseudo_masks.test_decisions import ONES, accept, load, page  # noqa: F401

from lpg.evaluation.review.pieces import doubt
from lpg.pixels.pictures import read_opaque
from lpg.pixels.polygons import outlines


def test_of_two_decisions_of_one_file_about_a_box_the_later_counts(load):  # noqa: F811
    reject = {"object_id": 1, "decision": "reject"}
    for order, last in (([accept(1, ONES), reject], "reject"), ([reject, accept(1, ONES)], "accept")):
        assert load(page(*order)).entries["d/a"][0].decision == last


@pytest.mark.parametrize(("bottom", "boxes"), [(8, []), (9, [0])])
def test_a_mask_is_rejected_for_a_box_that_is_the_same_to_nine_tenths(load, bottom, boxes):  # noqa: F811
    image = photograph_of(20, 20, [[0, 0, 10, 10]], [1], name="d/a")
    said = {"object_id": 7, "class": "cat", "box": [0, 0, 10, bottom], "decision": "reject"}
    assert [*load(page(said), images=[image]).entries.get("d/a", {})] == boxes


def test_the_largest_part_has_the_first_ring():
    mask = np.zeros((9, 9), dtype=bool)
    mask[0, 0] = mask[3:9, 2:8] = mask[0, 5:8] = True
    assert [np.ptp(ring, axis=0).tolist() for ring in outlines(mask)] == [[5, 5], [2, 0], [0, 0]]


def test_a_mask_of_two_parts_may_come_up_to_all_sides_of_its_box():
    mask = np.zeros((4, 10), dtype=np.uint8)
    mask[:, :3] = mask[:, 7:] = 255
    assert doubt(mask) == 0


def test_what_is_less_than_half_opaque_is_transparent(tmp_path):
    Image.fromarray(np.array([[[9, 9, 9, 0], [9, 9, 9, 127], [9, 9, 9, 128]]], np.uint8)).save(tmp_path / "a.png")
    assert read_opaque(tmp_path / "a.png").tolist() == [[False, False, True]]
