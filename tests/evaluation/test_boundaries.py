"""The rim of a mask, against its definition and against another implementation."""

import numpy as np
import pytest
from faster_coco_eval import mask as coco_mask

from lpg.evaluation.boundaries import boundary


def test_a_rim_is_one_pixel_wide_in_a_small_photograph():
    mask = np.zeros((6, 7), dtype=bool)
    mask[1:5, 0:4] = True  # it touches the left edge, which counts as its outline
    assert boundary(mask).astype(int).tolist() == [
        [0, 0, 0, 0, 0, 0, 0],
        [1, 1, 1, 1, 0, 0, 0],
        [1, 0, 0, 1, 0, 0, 0],
        [1, 0, 0, 1, 0, 0, 0],
        [1, 1, 1, 1, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0],
    ]


def drawn(rng: np.random.Generator, height: int, width: int, empty: bool = False) -> np.ndarray:
    """Some rectangles, bool (height, width), and a hole."""
    mask = np.zeros((height, width), dtype=bool)
    for value in [] if empty else [True, True, True, False]:
        rows, columns = (np.sort(rng.integers(0, side + 1, 2)) for side in (height, width))
        mask[slice(*rows), slice(*columns)] = value
    return mask


def by_definition(mask: np.ndarray, width: int) -> np.ndarray:
    """The pixels from which less than `width` + 1 steps, diagonal ones too, lead out of the mask."""
    padded = np.pad(mask, width)
    near = np.zeros_like(mask)
    for row, column in np.argwhere(mask):
        near[row, column] = not padded[row : row + 2 * width + 1, column : column + 2 * width + 1].all()
    return near


@pytest.mark.parametrize(
    ("height", "width", "empty"), [(40, 30, False), (160, 120, False), (90, 200, False), (9, 9, True)]
)
def test_the_rim_is_that_of_the_definition_and_of_faster_coco_eval(height, width, empty):
    rng = np.random.default_rng(height)
    for _ in range(3):
        mask = drawn(rng, height, width, empty)
        found = boundary(mask)
        assert np.array_equal(found, by_definition(mask, max(1, round(0.02 * (height**2 + width**2) ** 0.5))))
        encoded = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
        assert np.array_equal(found, coco_mask.decode(coco_mask.rleToBoundary(encoded)) > 0)
