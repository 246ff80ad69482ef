"""What a learned generator sees: pairs of a photograph and a class, or single boxes."""

import numpy as np
import pytest
import torch
from conftest import photograph_of

from lpg.generators.learned import pairs
from lpg.generators.learned.recipe import BoxRecipe, ImageRecipe
from lpg.pixels.colours import Normalisation, to_channels
from lpg.pixels.windows import Window

IMAGE = photograph_of(4, 6, [[0, 0, 2, 2], [3, 1, 6, 4], [1, 1, 2, 3]], [2, 1, 2])


def test_whole_image_has_a_pair_per_class():
    first, second = pairs.pairs_of(IMAGE, "image")
    assert [(pair.class_id, pair.box) for pair in (first, second)] == [(1, None), (2, None)]
    assert first.box_map().astype(int).tolist() == [[0] * 6, *[[0, 0, 0, 1, 1, 1]] * 3]
    assert second.box_map().astype(int).tolist() == [[1, 1, 0, 0, 0, 0]] * 2 + [[0, 1, 0, 0, 0, 0], [0] * 6]


def test_box_view_has_a_pair_per_box():
    found = pairs.pairs_of(IMAGE, "box")
    assert [(pair.class_id, pair.box) for pair in found] == [(2, 0), (1, 1), (2, 2)]
    assert found[2].box_map().astype(int).tolist() == [[0] * 6, *[[0, 1, 0, 0, 0, 0]] * 2, [0] * 6]


def test_a_pair_is_cut_to_four_channels_and_outside_it_is_the_mean_colour_without_a_box():
    photograph = np.arange(72, dtype=np.uint8).reshape(4, 6, 3)
    outside = torch.tensor([128, 51, 255], dtype=torch.uint8)
    channels = pairs.cut_pair(pairs.Pair(IMAGE, 2), to_channels(photograph), Window(1, -1, 2, 4), outside)
    assert channels.dtype == torch.uint8
    assert channels.tolist() == [
        [[128, 18, 21, 24], [128, 36, 39, 42]],
        [[51, 19, 22, 25], [51, 37, 40, 43]],
        [[255, 20, 23, 26], [255, 38, 41, 44]],
        [[0, 255, 255, 0], [0, 0, 255, 0]],
    ]


def test_the_network_sees_a_normalised_photograph_and_maps_from_0_to_1():
    channels = torch.tensor([0, 1, 255, 255, 51], dtype=torch.uint8).reshape(1, 5, 1, 1)
    x = pairs.network_input(channels, Normalisation((0.5, 0.4, 0.0), (0.5, 0.2, 1.0)))
    torch.testing.assert_close(x.flatten(), torch.tensor([-1, (1 / 255 - 0.4) / 0.2, 1, 1, 0.2]))


def test_masks_are_generated_on_the_padded_photograph_or_around_the_box():
    whole = pairs.mask_window(pairs.Pair(IMAGE, 2), ImageRecipe(), 4, 1.0)
    assert whole == (Window(0, 0, 32, 32), (32, 32))
    recipe = BoxRecipe(view="box", crop=64, apply={"context": 2.0})
    assert pairs.mask_window(pairs.Pair(IMAGE, 1, 1), recipe, 4, 1.0) == (Window(-1, 1, 6, 6), (64, 64))


@pytest.mark.parametrize(("scale", "multiple", "side"), [(1.3, 4, 84), (1.3, 32, 96), (1.2, 32, 64), (0.1, 32, 32)])
def test_an_inputs_side_is_the_nearest_multiple_that_the_network_takes(scale, multiple, side):
    recipe = BoxRecipe(view="box", crop=64, apply={"context": 2.0})
    assert pairs.mask_window(pairs.Pair(IMAGE, 1, 1), recipe, multiple, scale) == (Window(-1, 1, 6, 6), (side, side))
    _, size = pairs.mask_window(pairs.Pair(IMAGE, 1), ImageRecipe(), multiple, scale)
    assert size == (32, 32)


@pytest.mark.parametrize(
    ("magnify", "scale", "side"),
    [
        (None, 1, 64),
        (20, 1, 64),
        (8, 1, 48),
        (2.5, 1, 40),
        (8, 0.75, 48),
        (2.5, 0.75, 40),
        (2.5, 0.5, 32),
        (15.5, 1.5, 92),
    ],
)
def test_a_small_box_is_shown_no_larger_than_is_said_but_for_five_eighths_of_the_input(magnify, scale, side):
    recipe = BoxRecipe(view="box", crop=64, apply={"context": 2.0, "magnify": magnify})
    window, size = pairs.mask_window(pairs.Pair(IMAGE, 1, 1), recipe, 4, scale)
    assert (window, size) == (Window(-1, 1, 6, 6), (side, side))


@pytest.mark.parametrize(("view", "wanted", "multiple"), [("box", 4, 4), ("image", 4, 32), ("image", 48, 96)])
def test_photographs_are_padded_to_what_the_network_takes(view, wanted, multiple):
    assert pairs.input_multiple(view, wanted) == multiple
