"""Shapes that one can see."""

import numpy as np
import pytest

from lpg.pixels.shapes import count_components, count_holes, mask_iou, tightness


def shape(*rows: str) -> np.ndarray:
    return np.array([[letter == "#" for letter in row] for row in rows])


RING = shape("......", ".###..", ".#.#..", ".###..", "......")
TWO = shape("##..", "##..", "..##")  # they touch by a corner: one
APART = shape("##..", "##..", "....", "..##")
OPEN = shape("###", "#.#", "#.#")  # the bay touches a side: no hole
CORNERED = shape(".#.", "#.#", ".#.")  # shut in by corners alone


@pytest.mark.parametrize(
    ("mask", "tight", "components", "holes"),
    [
        (RING, 9 / 30, 1, 1),
        (TWO, 1, 1, 0),
        (APART, 1, 2, 0),
        (OPEN, 1, 1, 0),
        (CORNERED, 1, 1, 1),
        (RING & False, 0, 0, 0),
        (RING | True, 1, 1, 0),
    ],
)
def test_tightness_components_and_holes(mask, tight, components, holes):
    assert (tightness(mask), count_components(mask), count_holes(mask)) == (pytest.approx(tight), components, holes)


def test_specks_are_not_counted():
    mask = np.zeros((40, 40), dtype=bool)
    mask[:20, :20] = True
    mask[30, 30] = mask[5, 5] = False
    assert (count_components(mask), count_holes(mask)) == (1, 0), "a hole of a 400th"
    mask[30, 30:33] = True
    assert count_components(mask) == 1, "a part of a hundred and thirtieth"
    mask[30:32, 30:35] = True
    mask[4:7, 4:7] = False
    assert (count_components(mask), count_holes(mask)) == (2, 1)


def test_the_iou_of_two_masks():
    one, other = np.array([[1, 1, 0]]) > 0, np.array([[0, 1, 1]]) > 0
    assert mask_iou(one, other) == pytest.approx(1 / 3)
    assert mask_iou(one, one) == 1
    assert mask_iou(one & False, one & False) == 0
