"""Photographs as the networks see them."""

import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import functional as transforms

from lpg.networks.registry import IMAGENET
from lpg.pixels.colours import ColourJitter, Normalisation, to_channels


def test_channels_come_first():
    photograph = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    assert to_channels(photograph).tolist() == [[[0, 3], [6, 9]], [[1, 4], [7, 10]], [[2, 5], [8, 11]]]


@pytest.mark.filterwarnings("error")
def test_a_pixel_of_a_photograph_that_may_not_be_written_to_has_channels():
    """One alone lies in memory as a tensor does, and torch warns of what it could then write to."""
    photograph = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    photograph.flags.writeable = False
    channels = to_channels(photograph[:1, 1:])
    channels += 1
    assert channels.tolist() == [[[4]], [[5]], [[6]]]
    assert photograph.max() == 11


def test_normalised_photograph_is_less_the_mean_over_the_deviation():
    normalisation = Normalisation(*IMAGENET)
    images = np.random.default_rng(0).integers(0, 256, (2, 3, 4, 5), dtype=np.uint8)
    mean, std = (np.array(values).reshape(3, 1, 1) for values in IMAGENET)
    expected = (images / 255 - mean) / std
    np.testing.assert_allclose(normalisation(torch.from_numpy(images)), expected, atol=1e-5)


def test_the_mean_colour_normalises_to_about_zero():
    normalisation = Normalisation(*IMAGENET)
    filled = normalisation.mean_colour.reshape(3, 1, 1)
    assert filled.dtype == torch.uint8
    assert normalisation(filled).abs().max() < 0.5 / 255 / 0.224 + 1e-6


def test_jitter_follows_its_random_numbers():
    image = torch.from_numpy(np.random.default_rng(0).integers(60, 190, (3, 8, 8), dtype=np.uint8))
    first, same, other = (ColourJitter(0.2)(image, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, same)
    assert not torch.equal(first, other) and not torch.equal(first, image)
    assert first.dtype == torch.uint8 and first.shape == image.shape
    assert torch.equal(ColourJitter(0)(image, np.random.default_rng(1)), image)


def test_normalisation_and_jitter_are_torchvisions_to_the_last_bit():
    for seed in range(20):
        image = torch.from_numpy(np.random.default_rng(seed).integers(0, 256, (3, 9, 14), dtype=np.uint8))
        scaled = transforms.to_dtype(image, torch.float32, scale=True)
        assert torch.equal(Normalisation(*IMAGENET)(image), transforms.normalize(scaled, *map(list, IMAGENET)))
        brightness, contrast, saturation = 1 + 0.6 * np.random.default_rng([seed, 1]).uniform(-1, 1, 3)
        brightened = transforms.adjust_brightness(image, brightness)
        expected = transforms.adjust_saturation(transforms.adjust_contrast(brightened, contrast), saturation)
        assert torch.equal(ColourJitter(0.6)(image, np.random.default_rng([seed, 1])), expected)
