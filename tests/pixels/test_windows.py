"""Geometry of crops."""

import math

import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2 import functional as transforms

from lpg.pixels.windows import (
    Window,
    box_window,
    cut,
    pad,
    paste,
    paste_inside,
    pixel_centres,
    random_window,
    resize,
    sample,
    whole_window,
    window_with,
)

GRID = torch.tensor([[[1, 2, 3], [4, 5, 6]]], dtype=torch.uint8)


@pytest.mark.parametrize(
    "window, expected",
    [
        (Window(0, 1, 2, 2), [[2, 3], [5, 6]]),
        (Window(-1, -1, 3, 3), [[9, 9, 9], [9, 1, 2], [9, 4, 5]]),
        (Window(1, 2, 2, 3), [[6, 9, 9], [9, 9, 9]]),
        (Window(5, 0, 1, 2), [[9, 9]]),
        (Window(-4, -4, 2, 2), [[9, 9], [9, 9]]),
    ],
)
def test_cut_fills_what_lies_outside(window, expected):
    assert cut(GRID, window, 9).tolist() == [expected]


def test_cut_fills_every_channel_with_its_own_value():
    filled = cut(GRID.repeat(2, 1, 1), Window(1, 2, 1, 2), torch.tensor([7, 8]))
    assert filled.tolist() == [[[6, 7]], [[6, 8]]]
    assert filled.dtype == torch.uint8


def test_paste_undoes_cut():
    rng = np.random.default_rng(0)
    photograph = torch.from_numpy(rng.integers(1, 255, (1, 7, 9), dtype=np.uint8))
    for _ in range(50):
        top, left, height, width = (int(rng.integers(low, 12)) for low in (-5, -5, 1, 1))
        window = Window(top, left, height, width)
        pasted = paste(cut(photograph, window, 0)[0], window, 7, 9)
        for row in range(7):
            for column in range(9):
                inside = top <= row < top + height and left <= column < left + width
                assert pasted[row, column] == (photograph[0, row, column] if inside else 0)


def test_paste_scales_a_mask_to_its_window():
    soft = torch.tensor([[255, 0], [0, 0]], dtype=torch.uint8)
    pasted = paste(soft, Window(1, 2, 4, 4), 6, 8)
    assert (pasted > 127).int().tolist() == [
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 1, 1, 0, 0, 0, 0],
        [0, 0, 1, 1, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
    ]


def test_paste_inside_is_a_part_of_what_paste_gives():
    soft = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, 3, 4), dtype=np.uint8))
    window, rows, columns = Window(-1, 2, 6, 5), slice(1, 6), slice(3, 8)
    part = paste_inside(soft, window, rows, columns)
    for channel, whole in zip(part, (paste(mask, window, 7, 9) for mask in soft), strict=True):
        assert torch.equal(channel, whole[rows, columns])


def test_a_window_is_sampled_at_a_size_without_the_rest():
    rng = np.random.default_rng(0)
    coarse = torch.from_numpy(rng.random((2, 6, 8), dtype=np.float32))
    covered = Window(0, 0, 24, 32)
    assert torch.allclose(sample(coarse, covered, covered, 6, 8), coarse, atol=1e-6)
    whole = resize(coarse, 24, 32)  # every pixel of the photograph
    inside = sample(coarse, covered, Window(5, 9, 10, 12), 10, 12)
    assert torch.allclose(inside, whole[:, 5:15, 9:21], atol=1e-5)
    assert torch.allclose(
        sample(coarse, covered, Window(-9, 0, 4, 32), 4, 32), whole[:, :1].expand(2, 4, 32), atol=1e-5
    )


def test_centres_of_pixels_are_those_of_the_photograph():
    rows, columns = pixel_centres(Window(-2, 10, 4, 8), 4, 4)
    assert rows.tolist() == [-1.5, -0.5, 0.5, 1.5]
    assert columns.tolist() == [11, 13, 15, 17]


def test_padding_is_on_the_right_and_below():
    assert pad(GRID, 4, 9).tolist() == [[[1, 2, 3, 9], [4, 5, 6, 9], [9] * 4, [9] * 4]]
    assert torch.equal(pad(GRID, 1, 9), GRID)


@pytest.mark.parametrize("size", [(7, 19), (40, 60), (5, 60), (40, 9), (13, 21)])
@pytest.mark.parametrize("capability", ["AVX512", "DEFAULT"])
def test_resizing_is_torchvisions_to_the_last_bit(size, capability, monkeypatch):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    whole = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (3, 13, 21), dtype=np.uint8))
    for channels in (whole, whole / 7):
        shrinks = size[0] < 13 or size[1] < 21
        expected = transforms.resize(channels, list(size), antialias=shrinks)
        nearest = transforms.resize(channels, list(size), interpolation=InterpolationMode.NEAREST_EXACT)
        assert torch.equal(resize(channels, *size), expected)
        assert torch.equal(resize(channels, *size, nearest=True), nearest)


def test_nearest_resize_invents_no_label():
    labels = torch.tensor([[[0, 255], [7, 0]]], dtype=torch.uint8)
    assert resize(labels, 4, 4, nearest=True)[0].tolist() == [[0, 0, 255, 255]] * 2 + [[7, 7, 0, 0]] * 2
    assert set(resize(labels, 5, 7, nearest=True).unique().tolist()) == {0, 7, 255}


@pytest.mark.parametrize(
    "height, width, long_side, window, size",
    [
        (50, 100, None, Window(0, 0, 64, 128), (64, 128)),
        (64, 128, None, Window(0, 0, 64, 128), (64, 128)),
        (50, 100, 64, Window(0, 0, 50, 100), (32, 64)),
        (60, 100, 64, Window(0, 0, 100, 100), (64, 64)),
        (10, 1000, 64, Window(0, 0, 500, 1000), (32, 64)),
        (20, 40, 96, Window(0, 0, 27, 40), (64, 96)),
    ],
)
def test_whole_window_pads_to_the_multiple(height, width, long_side, window, size):
    assert whole_window(height, width, long_side, 32) == (window, size)


@pytest.mark.parametrize("height, width, long_side", [(60, 100, 64), (100, 37, 96), (45, 33, None), (200, 90, 64)])
def test_mask_of_the_whole_photograph_lies_where_it_belongs(height, width, long_side):
    truth = torch.zeros(height, width, dtype=torch.uint8)
    truth[height // 4 : height // 2, width // 3 : width - width // 6] = 255
    window, size = whole_window(height, width, long_side, 32)
    pasted = paste(resize(cut(truth[None], window, 0), *size)[0], window, height, width) > 127
    wrong = pasted != (truth > 127)
    assert not wrong[: height // 4 - 1].any() and not wrong[height // 2 + 1 :].any()
    assert wrong.sum() < 0.08 * (truth > 0).sum()


@pytest.mark.parametrize("height, width, scale", [(40, 60, 2.0), (40, 60, 0.5), (40, 60, 1.0), (1, 500, 1.3)])
def test_random_window_keeps_most_inside(height, width, scale):
    extent = round(48 / scale)
    windows = [random_window(height, width, 48, scale, np.random.default_rng(seed)) for seed in range(60)]
    for window in windows:
        assert (window.height, window.width) == (extent, extent)
        for start, size in ((window.top, height), (window.left, width)):
            assert min(start + extent, size) - max(start, 0) == min(size, extent)
    assert len({window.left for window in windows}) > 3


def test_box_window_is_a_square_around_the_box():
    box = np.array([10, 20, 30, 30])
    assert box_window(box, 1.5) == Window(10, 5, 30, 30)
    assert box_window(box, 1.0) == Window(15, 10, 20, 20)


@pytest.mark.parametrize("context", [1.0, 1.2, 1.5])
def test_a_box_window_holds_all_pixels_that_the_box_touches(context):
    rng = np.random.default_rng(0)
    for _ in range(300):
        x0, y0, width, height = rng.uniform(0, 40, 4) / (1, 1, 3, 3)
        touched = [math.floor(x0), math.floor(y0), math.ceil(x0 + width), math.ceil(y0 + height)]
        window = box_window(np.array([x0, y0, x0 + width, y0 + height]), context)
        assert window.left <= touched[0] and touched[2] <= window.left + window.width
        assert window.top <= touched[1] and touched[3] <= window.top + window.height


def test_the_window_of_a_pixel_shows_what_is_around_it():
    assert box_window(np.array([5, 7, 6, 8]), 1.2) == Window(6, 4, 3, 3)
    assert box_window(np.array([4.9, 7.1, 6.1, 7.9]), 1.2) == Window(5, 3, 5, 5)


def test_shifted_box_touches_the_edge_of_its_window():
    box = np.array([10, 20, 30, 30])
    assert box_window(box, 1.5, (1, 1)) == Window(20, 10, 30, 30)
    assert box_window(box, 1.5, (-1, -1)) == Window(0, 0, 30, 30)


def test_a_window_holds_its_box_or_is_held_by_it_and_keeps_inside():
    rng = np.random.default_rng(0)
    box = np.array([10, 20, 30, 25])
    for _ in range(50):
        wide = window_with(box, 24, 60, 80, rng)
        assert 0 <= wide.left <= 10 and wide.left + 24 >= 30
        assert 1 <= wide.top <= 20 and wide.top + 24 >= 25
        narrow = window_with(box, 8, 60, 80, rng)
        assert 10 <= narrow.left <= 22 and 17 <= narrow.top <= 20
        assert window_with(np.array([70, 0, 80, 4]), 24, 60, 80, rng).left == 56  # not beyond the edge
        assert window_with(box, 70, 60, 80, rng).top in range(-10, 1)  # larger than the photograph: all of it
