"""Arrays in, arrays out."""

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image, ImageOps

from lpg.errors import InputError
from lpg.generators.opening import open_method
from lpg.predictor import MaskPredictor

IMAGE = np.zeros((6, 8, 3), dtype=np.uint8)
TURNED = Image.fromarray(IMAGE)
TURNED.getexif()[0x0112] = 6


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


def test_boxes_may_be_a_tensor_of_any_kind(predictor):
    boxes = torch.tensor([[1.0, 2.0, 3.0, 4.0]])
    expected = predictor.masks(IMAGE, boxes).soft.tolist()
    for given in (boxes.bfloat16(), boxes.half(), boxes.int(), boxes.requires_grad_()):
        assert predictor.masks(IMAGE, given).soft.tolist() == expected


def test_a_photograph_may_be_pillows_or_a_tensor_and_the_smallest(predictor):
    expected = predictor.masks(IMAGE, [[1, 2, 3, 4]]).soft.tolist()
    for given in (Image.fromarray(IMAGE), torch.from_numpy(IMAGE)):
        assert predictor.masks(given, [[1, 2, 3, 4]]).soft.tolist() == expected
    assert predictor.masks(IMAGE[:1, :1], [[0.5, -3, 7, 7]]).binary.tolist() == [[[True]]]


def test_apply_is_a_dict():
    with pytest.raises(
        InputError, match=r"apply is 'flip' and no dict; give its keys and values, as \{\"flip\": False"
    ):
        MaskPredictor.load("general", apply="flip")


def test_the_device_may_be_torchs():
    assert MaskPredictor.load("general", torch.device("cpu")).generator.device == "cpu"


@pytest.mark.parametrize(
    ("image", "boxes", "sentence"),
    [
        (IMAGE[..., 0], [[0, 0, 1, 1]], "uint8 (6, 8)"),
        (IMAGE / 255, [[0, 0, 1, 1]], "float64"),
        (IMAGE, [[0, 0, 1, 1], [3, 3, 3, 5]], "box 1 ([3, 3, 3, 5]) has no area"),
        (IMAGE, [[0, 0, np.nan, 1]], "has no area"),
        (IMAGE, [0, 1, 2], "no array of numbers (N, 4)"),
        (
            IMAGE,
            [[0.1, 0.1, 0.9, 0.9], [0, 0, 1, 1]],
            "every box lies within the first pixel, so its numbers are parts",
        ),
        (IMAGE, [[0.668, 0.2, 1.0000005, 0.7], [0.1, -0.01, 0.4, 0.5]], "every box lies within the first pixel"),
        (IMAGE, [[0, 0, 1.003, 1]], "every box lies within the first pixel"),
        (IMAGE, [[0, 0, 10**400, 1]], "a box has a number that is too large for any; give x0 y0 x1 y1 in pixels"),
        (IMAGE, pd.DataFrame([[0, 0, 1, 1], [3, 3, 3, 5]]), "box 1 ([3 3 3 5]) has no area"),
        (Image.fromarray(IMAGE).convert("YCbCr"), [[0, 0, 1, 1]], 'is YCbCr and not RGB; give image.convert("RGB")'),
        (
            TURNED,
            [[0, 0, 1, 1]],
            "EXIF says that the image is to be turned, and boxes may be of its pixels as they are",
        ),
        (IMAGE, [[0, 0, 1, 1, 0.9, 0]] * 2, "no array of numbers (N, 4)"),
        (IMAGE, [[0, 0, 1], [0]], "no array of numbers (N, 4)"),
    ],
)
def test_what_is_no_image_or_box_is_refused(predictor, image, boxes, sentence):
    with pytest.raises(InputError) as error:
        predictor.masks(image, boxes)
    assert sentence in str(error.value)


def test_an_image_that_was_turned_as_exif_says_is_read(predictor):
    upright = ImageOps.exif_transpose(TURNED)
    assert predictor.masks(upright, [[0, 0, 3, 3]]).inside[0].shape == (3, 3)
    assert predictor.masks(np.asarray(TURNED), [[0, 0, 3, 3]]).inside[0].shape == (3, 3)


def test_classes_are_whole_numbers_from_one_on(predictor):
    boxes = [[0, 0, 1, 1], [2, 2, 4, 4]]
    for given, names in (
        ([1, 3], ["class 1", "class 3"]),
        (np.array([2.0, 2.0]), ["class 2"] * 2),
        ([10**9, 1], ["class 1000000000", "class 1"]),
        (None, ["class 1"] * 2),
    ):
        assert [one.class_name for one in predictor.masks(IMAGE, boxes, given).quality] == names
    assert not predictor.masks(IMAGE, [], []).quality


@pytest.mark.parametrize(
    ("classes", "sentence"),
    [
        ([1.7, 1], "the class of box 0 is 1.7"),
        ([1, 0], "the class of box 1 is 0"),
        ([1, -3], "the class of box 1 is -3"),
        ([1, np.nan], "the class of box 1 is nan"),
        ([1, np.inf], "the class of box 1 is inf"),
        ([1, 1e300], "the class of box 1 is 1e+300"),
        ([1, 10**30], "the classes are no array of 2 numbers"),
        ([1], "the classes are no array of 2 numbers"),
        (["cat", "dog"], "the classes are no array of 2 numbers"),
        ([True, True], "the classes are no array of 2 numbers"),
        ([[1], [1, 2]], "the classes are no array of 2 numbers"),
    ],
)
def test_what_is_no_class_is_refused(predictor, classes, sentence):
    with pytest.raises(InputError) as error:
        predictor.masks(IMAGE, [[0, 0, 1, 1], [2, 2, 4, 4]], classes)
    assert str(error.value) == f"{sentence}; give a whole number from 1 on for every box"


def test_the_shipped_generator_finds_a_cat():
    from skimage import data  # its outline is known well enough

    image = data.chelsea()
    masks = MaskPredictor.load("general").masks(image, [[0, 0, 400, 300]])
    assert masks.binary[0, 150, 200] and not masks.binary[0, 20, 20]
    assert 0.8 < masks.scores[0] < 1
    with pytest.raises(InputError, match="there is no generator 'gneral'"):
        MaskPredictor.load("gneral")
    with pytest.raises(InputError, match=r"test_predictor\.py holds no network, or is damaged; give a \.pt"):
        MaskPredictor.load(__file__)
