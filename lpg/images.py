"""Photographs as the networks see them."""

import numpy as np
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as transforms


def to_channels(photograph: np.ndarray) -> Tensor:
    """uint8 (H, W, 3) to uint8 (3, H, W)."""
    return torch.from_numpy(np.ascontiguousarray(photograph.transpose(2, 0, 1)))


def mean_colour(normalisation: dict) -> Tensor:
    """The uint8 colour (3,) that normalises to about zero: what lies outside a photograph."""
    return torch.tensor([round(255 * value) for value in normalisation["mean"]], dtype=torch.uint8)


def normalise(images: Tensor, normalisation: dict) -> Tensor:
    """uint8 (..., 3, H, W) to float32, RGB in [0, 1], less the mean, over the deviation of the weights' training."""
    scaled = transforms.to_dtype(images, torch.float32, scale=True)
    return transforms.normalize(scaled, normalisation["mean"], normalisation["std"])


def jitter_colours(image: Tensor, strength: float, rng: np.random.Generator) -> Tensor:
    """Random brightness, contrast, saturation (factor 1 ± strength); uint8 (3, H, W)."""
    if strength == 0:
        return image
    factors = 1 + strength * rng.uniform(-1, 1, 3)
    image = transforms.adjust_brightness(image, factors[0])
    image = transforms.adjust_contrast(image, factors[1])
    return transforms.adjust_saturation(image, factors[2])
