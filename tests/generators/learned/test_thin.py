"""Thin boxes keep their short side."""

import numpy as np
import pytest

from lpg.generators.learned.thin import thin_window
from lpg.pixels.windows import Window


def test_a_box_that_a_square_shows_well_has_none():
    assert thin_window(np.array([0, 0, 200, 10]), context=1.2, side=256) is None  # 10.7 pixels of 256


def test_a_long_box_is_seen_along_itself():
    window, size = thin_window(np.array([100, 50, 260, 54]), context=1.2, side=256)
    assert size == (64, 1152)  # six times as large: its 4 pixels are 24
    assert window == Window(top=46, left=84, height=11, width=192)


def test_a_tall_one_too():
    window, size = thin_window(np.array([50, 100, 54, 260]), context=1.2, side=256)
    assert size == (1152, 64) and window == Window(top=84, left=46, height=192, width=11)


@pytest.mark.parametrize("box", [(0, 0, 8000, 100), (0, 0, 8000, 1), (3, 0, 3.5, 3000)])
def test_the_input_stays_bounded_and_holds_the_box(box):
    window, (height, width) = thin_window(np.array(box), context=1.2, side=256)
    assert max(height, width) <= 4096 and min(height, width) == 64
    assert window.left <= box[0] and window.top <= box[1]
    assert window.left + window.width >= box[2] and window.top + window.height >= box[3]
