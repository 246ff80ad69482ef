"""Boxes as pixels."""

import numpy as np
import pytest
from pycocotools import mask as rle

from lpg.pixels.box_maps import box_ious, box_map, box_slices, paint_boxes, slice_edges


def random_boxes(rng: np.random.Generator, count: int, height: int, width: int) -> np.ndarray:
    edges = rng.uniform(0, 1, (count, 4)) * (width, height, width, height)
    low, high = np.minimum(edges[:, :2], edges[:, 2:]), np.maximum(edges[:, :2], edges[:, 2:])
    return np.concatenate([low, high], axis=1).round(1).astype(np.float32)


def touches(box: np.ndarray, row: int, column: int) -> bool:
    x0, y0, x1, y1 = box
    return x0 < column + 1 and column < x1 and y0 < row + 1 and row < y1


def test_box_holds_every_pixel_it_touches():
    assert box_slices(np.array([1, 2, 3, 4]), 6, 8) == (slice(2, 4), slice(1, 3))
    assert box_slices(np.array([1.9, 2.9, 3.1, 4.1]), 6, 8) == (slice(2, 5), slice(1, 4))
    assert box_slices(np.array([-3, -3, 99, 99]), 6, 8) == (slice(0, 6), slice(0, 8))


@pytest.mark.parametrize("box", [[-9, 1, -3, 3], [1, -9, 3, -3], [8, 1, 12, 3], [1, 6, 3, 9], [-9, -9, 0, 0]])
def test_a_box_outside_holds_nothing(box):
    assert not box_map(np.array([box], dtype=float), 6, 8).any()


def test_box_map_is_the_union():
    boxes = np.array([[0, 0, 2, 1], [1, 0, 3, 3]])
    assert box_map(boxes, 3, 5).astype(int).tolist() == [[1, 1, 1, 0, 0], [0, 1, 1, 0, 0], [0, 1, 1, 0, 0]]
    assert not box_map(np.zeros((0, 4)), 3, 5).any()


def test_smaller_box_is_on_top_in_any_order():
    boxes = np.array([[2, 1, 4, 3], [0, 0, 5, 3], [3, 2, 4, 3]])
    expected = [[7, 7, 7, 7, 7], [7, 7, 5, 5, 7], [7, 7, 5, 9, 7]]
    for order in ([0, 1, 2], [2, 1, 0], [1, 0, 2]):
        assert paint_boxes(boxes[order], np.array([5, 7, 9])[order], 3, 5).tolist() == expected


@pytest.mark.parametrize("seed", range(5))
def test_painted_boxes_agree_with_a_loop_over_pixels(seed):
    height, width = 9, 11
    boxes = random_boxes(np.random.default_rng(seed), 6, height, width)
    labels = paint_boxes(boxes, np.arange(1, 7), height, width)
    areas = [(x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in boxes]
    for row in range(height):
        for column in range(width):
            here = [index for index in range(6) if touches(boxes[index], row, column)]
            expected = min(here, key=lambda index: areas[index]) + 1 if here else 0
            assert labels[row, column] == expected


def test_ious_of_boxes_are_those_of_pycocotools_and_none_where_there_is_no_area():
    rng = np.random.default_rng(0)
    boxes, others = (np.sort(rng.uniform(0, 9, (count, 2, 2)), axis=1).reshape(count, 4) for count in (5, 7))
    found = box_ious(boxes, others)
    corners = [np.hstack([edges[:, :2], edges[:, 2:] - edges[:, :2]]) for edges in (boxes, others)]
    assert found == pytest.approx(rle.iou(*corners, [0] * 7)) and (found > 0).sum() > 10
    assert box_ious(np.array([[0, 0, 4, 2], [1, 1, 1, 1]]), np.array([[2, 0, 6, 2], [1, 1, 1, 1]])).tolist() == [
        [4 / 12, 0],
        [0, 0],
    ]
    assert box_ious(boxes, np.zeros((0, 4))).shape == (5, 0)


def test_edges_of_rows_and_columns():
    assert slice_edges((slice(1, 4), slice(2, 9))) == (2, 1, 9, 4)
