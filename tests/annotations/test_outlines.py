"""Outlines as masks, against pycocotools on a larger canvas and slow versions."""

import numpy as np
import pytest
from pycocotools import mask as rle

from lpg.annotations.filling import COCO, LABELME, YOLO, Filling
from lpg.annotations.outlines import Crop, bounds, clip_polygon, ellipse, turned


def test_a_polygon_inside_is_left_as_it_is():
    polygon = [0, 0, 8, 0, 8, 6.5, 0.25, 6]
    assert clip_polygon(polygon, 7, 8) == polygon


def test_a_polygon_that_leaves_is_cut_where_it_leaves():
    assert clip_polygon([-4, 0, 4, 0, 4, 4], 10, 10) == [0, 0, 4, 0, 4, 4, 0, 2]
    assert clip_polygon([20, 20, 30, 20, 30, 30], 10, 10) == []


@pytest.mark.parametrize("seed", range(8))
def test_a_cut_polygon_is_the_part_of_the_mask_inside(seed):
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, 7))
    star = np.stack([30 + rng.uniform(8, 60, 7) * np.cos(angles), 20 + rng.uniform(8, 60, 7) * np.sin(angles)], axis=1)
    whole = rle.decode(rle.merge(rle.frPyObjects([(star + 100).ravel().tolist()], 240, 260)))[100:140, 100:160]
    cut = rle.decode(COCO.run_lengths([star.ravel()], 40, 60))
    assert (cut != whole).mean() < 0.02  # an edge is rounded where it is cut
    assert np.abs(cut.astype(int).sum() - whole.sum()) < 30


WAYS = pytest.mark.parametrize("way", [COCO, YOLO, LABELME])


@WAYS
def test_a_polygon_far_out_takes_no_memory_and_no_time(way: Filling):
    assert rle.area(way.run_lengths([[-1e6, -1e6, 1e6, -1e6, 1e6, 1e6, -1e6, 1e6] * 501], 40, 60)) == 40 * 60


@WAYS
def test_an_outline_outside_is_an_empty_mask(way: Filling):
    assert rle.decode(way.run_lengths([[70, 0, 80, 0, 80, 9]], 4, 6)).tolist() == [[0] * 6] * 4


@pytest.mark.parametrize("left", range(-4, 8))
@pytest.mark.parametrize("top", [-3, -1, 0, 3, 5])
def test_a_crop_is_put_where_it_belongs(left, top):
    pixels = np.arange(6).reshape(2, 3) % 2 == 0
    expected = np.zeros((4, 6), dtype=int)
    for y, x in np.argwhere(pixels):
        if 0 <= top + y < 4 and 0 <= left + x < 6:
            expected[top + y, left + x] = 1
    crop = Crop.of(pixels, left, top)
    assert np.array_equal(rle.decode(crop.placed(4, 6)), expected)
    assert crop.box == (left, top, left + 3, top + 2)


def test_parts_are_one_mask():
    crop = Crop.of(np.ones((1, 2)), 0, 0)
    assert rle.decode(COCO.run_lengths([[3, 0, 5, 0, 5, 1, 3, 1], crop], 2, 6)).tolist() == [
        [1, 1, 0, 1, 1, 0],
        [0] * 6,
    ]


def test_an_ellipse_has_its_area_and_its_box():
    polygon = ellipse(50, 40, 30, 20)
    assert bounds([polygon]) == pytest.approx((20, 20, 80, 60))
    assert rle.area(COCO.run_lengths([polygon], 80, 100)) == pytest.approx(np.pi * 30 * 20, rel=0.01)


def test_points_turn_clockwise_as_one_sees_them():
    assert turned(np.array([(6, 5)]), (5, 5), 90) == pytest.approx([5, 6])  # from the right to below


@pytest.mark.parametrize(
    ("way", "pixels", "box"), [(COCO, 2, None), (YOLO, 3, (1, 1, 4, 4)), (LABELME, 3, (1, 1, 4, 4))]
)
def test_the_pixels_of_an_outline_are_the_objects_where_its_tool_has_them(way: Filling, pixels, box):
    square = [1.2, 1.2, 3.2, 1.2, 3.2, 3.2, 1.2, 3.2]
    expected = np.zeros((5, 6), dtype=int)
    expected[1 : 1 + pixels, 1 : 1 + pixels] = 1
    assert rle.decode(way.run_lengths([square], 5, 6)).tolist() == expected.tolist()
    assert way.box([square], 5, 6) == (None if way is COCO else (1, 1, 4, 4))


@pytest.mark.parametrize("way", [YOLO, LABELME])
def test_where_an_outline_is_cut_no_line_is_drawn(way: Filling):
    """Two arms that leave on the left, with nothing between them."""
    arms = [-9, 0, 3, 0, 3, 4, -9, 4, -9, 3, 2, 3, 2, 1, -9, 1]
    assert rle.decode(way.run_lengths([arms], 5, 5))[:, 0].tolist() == [1, 1, 0, 1, 1]
    assert way.box([arms], 5, 5) == (-9, 0, 4, 5)


@pytest.mark.parametrize("way", [YOLO, LABELME])
@pytest.mark.parametrize("turn", range(4))
def test_arms_that_are_joined_outside_are_not_joined_by_the_edge_of_the_photograph(way: Filling, turn):
    joined = np.array([(-9, 0), (3, 0), (3, 1), (-5, 1), (-5, 3), (3, 3), (3, 4), (-9, 4)])
    expected = np.array([[1, 1, 1, 1, 0], [1, 1, 1, 1, 0], [0] * 5, [1, 1, 1, 1, 0], [1, 1, 1, 1, 0]])
    for _ in range(turn):  # about the middle of the photograph, a quarter anticlockwise, as np.rot90
        joined = np.stack([joined[:, 1], 4 - joined[:, 0]], axis=1)
    drawn = rle.decode(way.run_lengths([joined.ravel().tolist()], 5, 5))
    assert drawn.tolist() == np.rot90(expected, turn).tolist()
