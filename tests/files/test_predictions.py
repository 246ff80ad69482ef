"""Scores read from `predictions.h5`, and photographs as the networks see them."""

import numpy as np
import pytest
import torch

from lpg.errors import InputError
from lpg.pixels.colours import jitter_colours, mean_colour, normalise, to_channels
from lpg.files.predictions import ScoreMaps
from lpg.storage import RaggedWriter, create_file, write_strings

CAT = [[10, 20, 30, 40], [50, 60, 70, 80], [90, 100, 110, 120]]
TV = [[255, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 255]]
STEP = [[0, 0, 255, 255], [0, 0, 255, 255]]


@pytest.fixture
def predictions(tmp_path):
    """Photograph `x` at full resolution with a cat and a tv, `y` at half of it with a tv."""
    path = tmp_path / "predictions.h5"
    with create_file(path, ("background", "cat", "tv")) as file:
        writer = RaggedWriter(file, "scores", dimensions=3)
        for scores in ([CAT, TV], [STEP]):
            writer.append(np.array(scores, dtype=np.uint8))
        writer.close()
        write_strings(file, "images/name", ["d/x", "d/y"])
        file["images/window"] = np.array([[3, 4], [4, 8]], dtype=np.int32)
        file["named/offset"] = np.array([0, 2, 3])
        file["named/class_id"] = np.array([1, 2, 2], dtype=np.uint8)
        file["named/peak"] = np.array([0.5, 1, 1], dtype=np.float32)
    return path


def test_score_is_cut_to_the_photograph(predictions):
    maps = ScoreMaps([predictions], ("background", "cat", "tv"))
    assert maps("d/x", 1, 2, 3).tolist() == [[5, 10, 15], [25, 30, 35]]
    assert maps("d/x", 2, 3, 4).tolist() == TV


def test_a_relative_score_has_its_highest_value_at_255(predictions):
    maps = ScoreMaps([predictions], ("background", "cat", "tv"), relative=True)
    assert maps("d/x", 1, 2, 3).tolist() == [[10, 20, 30], [50, 60, 70]]


def test_score_is_interpolated_over_its_window(predictions):
    maps = ScoreMaps([predictions], ("background", "cat", "tv"))
    places = (np.arange(8) + 0.5) / 2 - 0.5
    expected = np.interp(places, range(4), STEP[0])[:7]
    np.testing.assert_allclose(maps("d/y", 2, 3, 7), np.tile(expected, (3, 1)), atol=1)


def test_classes_are_matched_by_name(predictions):
    maps = ScoreMaps([predictions], ("background", "tvmonitor", "dog", "cat"))
    assert maps("d/x", 3, 3, 4).tolist() == (np.array(CAT) // 2).tolist()
    assert maps("d/x", 1, 3, 4).tolist() == TV


@pytest.mark.parametrize("name, class_id", [("d/y", 1), ("d/z", 2)])
def test_score_that_is_not_there_is_refused(predictions, name, class_id):
    maps = ScoreMaps([predictions], ("background", "cat", "tv"))
    with pytest.raises(InputError, match=rf"hold no score of class {class_id} on {name}; make them again"):
        maps(name, class_id, 3, 4)


def test_predictions_of_an_unknown_class_are_refused(predictions):
    with pytest.raises(InputError, match=r"predictions\.h5: class 'tv' is not in the class table background, cat"):
        ScoreMaps([predictions], ("background", "cat"))


def test_file_that_holds_no_scores_is_refused(write_label_maps):
    path = write_label_maps("labels.h5", ("background",), {"x": [[0]]})
    with pytest.raises(InputError, match=r"labels\.h5 has no 'scores/values': it was not made by the step"):
        ScoreMaps([path], ("background",))


def test_channels_come_first():
    photograph = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    assert to_channels(photograph).tolist() == [[[0, 3], [6, 9]], [[1, 4], [7, 10]], [[2, 5], [8, 11]]]


def test_normalised_photograph_is_less_the_mean_over_the_deviation():
    normalisation = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
    images = np.random.default_rng(0).integers(0, 256, (2, 3, 4, 5), dtype=np.uint8)
    mean, std = (np.array(normalisation[key]).reshape(3, 1, 1) for key in ("mean", "std"))
    expected = (images / 255 - mean) / std
    np.testing.assert_allclose(normalise(torch.from_numpy(images), normalisation), expected, atol=1e-5)
    filled = mean_colour(normalisation).reshape(3, 1, 1)
    assert normalise(filled, normalisation).abs().max() < 0.5 / 255 / 0.224 + 1e-6


def test_jitter_follows_its_random_numbers():
    image = torch.from_numpy(np.random.default_rng(0).integers(60, 190, (3, 8, 8), dtype=np.uint8))
    first, same, other = (jitter_colours(image, 0.2, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, same)
    assert not torch.equal(first, other) and not torch.equal(first, image)
    assert first.dtype == torch.uint8 and first.shape == image.shape
    assert torch.equal(jitter_colours(image, 0, np.random.default_rng(1)), image)
