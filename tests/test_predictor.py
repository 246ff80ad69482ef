"""Arrays in, arrays out."""

import numpy as np
import pytest

from lpg.errors import InputError
from lpg.generators.opening import open_method
from lpg.predictor import MaskPredictor

IMAGE = np.zeros((6, 8, 3), dtype=np.uint8)


@pytest.fixture
def predictor() -> MaskPredictor:
    return MaskPredictor(open_method("boxes", {}))


def test_masks_lie_where_their_boxes_are(predictor):
    masks = predictor.masks(IMAGE, [[1, 2, 3, 4], [5.5, 0, 99, 1]])
    assert masks.binary.shape == (2, 6, 8) and masks.soft.dtype == np.uint8
    assert np.argwhere(masks.binary[0]).tolist() == [[2, 1], [2, 2], [3, 1], [3, 2]]
    assert np.argwhere(masks.binary[1]).tolist() == [[0, 5], [0, 6], [0, 7]]
    assert np.isnan(masks.scores).all() and [one.note for one in masks.quality] == ["fills", "fills"]
    assert predictor.masks(IMAGE, []).binary.shape == (0, 6, 8)


@pytest.mark.parametrize(
    ("image", "boxes", "sentence"),
    [
        (IMAGE[..., 0], [[0, 0, 1, 1]], "uint8 (6, 8)"),
        (IMAGE / 255, [[0, 0, 1, 1]], "float64"),
        (IMAGE, [[0, 0, 1, 1], [3, 3, 3, 5]], "box 1 ([3, 3, 3, 5]) has no area"),
        (IMAGE, [[0, 0, np.nan, 1]], "has no area"),
        (IMAGE, [0, 1, 2], "no array of numbers (N, 4)"),
        (IMAGE, [[0, 0, 1, 1, 0.9, 0]] * 2, "no array of numbers (N, 4)"),
        (IMAGE, [[0, 0, 1], [0]], "no array of numbers (N, 4)"),
    ],
)
def test_what_is_no_image_or_box_is_refused(predictor, image, boxes, sentence):
    with pytest.raises(InputError) as error:
        predictor.masks(image, boxes)
    assert sentence in str(error.value)


def test_the_shipped_generator_finds_a_cat():
    from skimage import data  # its outline is known well enough

    image = data.chelsea()
    masks = MaskPredictor.load("general").masks(image, [[0, 0, 400, 300]])
    assert masks.binary[0, 150, 200] and not masks.binary[0, 20, 20]
    assert 0.8 < masks.scores[0] < 1
    with pytest.raises(InputError, match="there is no generator 'gneral'"):
        MaskPredictor.load("gneral")
