"""Ties, edges and noise."""

import numpy as np
import pytest
import torch
from test_predictor import IMAGE

from lpg.generators.opening import open_method
from lpg.pixels.box_maps import paint_boxes
from lpg.pixels.fusion import fuse_foreground
from lpg.pixels.guided import fitted_functions
from lpg.pixels.windows import random_window
from lpg.predictor import MaskPredictor


def test_of_boxes_of_one_size_the_later_is_on_top():
    boxes = np.array([[0, 0, 4, 1], [2, 0, 6, 1]])
    assert paint_boxes(boxes, np.array([5, 7]), 1, 7).tolist() == [[5, 5, 7, 7, 7, 7, 0]]
    assert paint_boxes(boxes[::-1], np.array([7, 5]), 1, 7).tolist() == [[5, 5, 5, 5, 7, 7, 0]]


def test_what_is_object_or_doubt_begins_at_the_first_whole_value_of_the_band():
    foreground = np.array([[[50, 51, 178, 179]]], dtype=np.uint8)  # 0.2 is 51 of 255, and 0.7 is 178.5
    fused = fuse_foreground([1], foreground, np.ones((1, 1, 4), dtype=bool), band=(0.2, 0.7))
    assert fused.tolist() == [[0, 255, 255, 1]]


def test_boxes_that_leave_a_photograph_are_cut_and_not_only_their_masks():
    masks = MaskPredictor(open_method("boxes", {})).masks(IMAGE, [[5.5, -2, 99, 1]])
    assert masks.image.boxes.tolist() == [[5.5, 0, 8, 1]]
    corner = MaskPredictor(open_method("boxes", {})).masks(IMAGE, [[-5, -5, 0.5, 0.5]])
    assert corner.binary.sum() == 1 and corner.binary[0, 0, 0]


def test_rows_and_columns_of_a_random_window_are_drawn_apart():
    windows = [random_window(100, 100, 40, 1.0, np.random.default_rng(seed)) for seed in range(60)]
    tops, lefts = ([getattr(window, key) for window in windows] for key in ("top", "left"))
    assert abs(np.corrcoef(tops, lefts)[0, 1]) < 0.4


def test_a_colour_whose_variance_is_that_of_noise_is_not_followed():
    """In one square: red is 0.5 ± d, the mask 1 where it is more, so a is 0.5 d / (d² + 1e-5)."""
    for d, a in ((0.001, 0.0005 / 1.1e-5), (0.01, 0.005 / 1.1e-4), (0.1, 0.05 / 1.001e-2)):
        image = torch.full((1, 3, 4, 4), 0.5, dtype=torch.float64)
        image[0, 0, :, :2] += d
        image[0, 0, :, 2:] -= d
        mask = (image[:, 0] > 0.5).double()
        assert fitted_functions(image, mask[:, None], 4)[0, 0].flatten().tolist() == pytest.approx([a] * 16, rel=1e-4)
