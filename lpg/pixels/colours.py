"""Photographs as the networks see them."""

import importlib
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Normalisation:
    """What RGB in [0, 1] is brought to before a network sees it: less the mean, over the deviation.

    It belongs to the weights of a trunk, and travels with them: from the registry to the network, into the checkpoint,
    and from there to whoever applies it.
    """

    mean: tuple[float, float, float]
    std: tuple[float, float, float]

    def __call__(self, images: Tensor) -> Tensor:
        """Images, uint8 (..., 3, H, W), as a network sees them, float32."""
        scaled = images.to(torch.float32).mul_(1 / 255)
        mean, std = (scaled.new_tensor(values).reshape(3, 1, 1) for values in (self.mean, self.std))
        return scaled.sub_(mean).div_(std)

    @property
    def mean_colour(self) -> Tensor:
        """The uint8 colour (3,) that normalises to about zero: what lies outside a photograph."""
        return torch.tensor([round(255 * value) for value in self.mean], dtype=torch.uint8)


def to_channels(photograph: np.ndarray) -> Tensor:
    """A photograph's channels, uint8 (H, W, 3) to (3, H, W); a copy, unless it lies so in memory and may be written."""
    return torch.from_numpy(np.require(photograph.transpose(2, 0, 1), requirements=("C", "W")))


class ColourJitter:
    """Random brightness, contrast, saturation (factor 1 ± strength) of uint8 (3, H, W).

    Importing torchvision takes two seconds: not done at strength 0, and else here, before workers are forked.
    """

    def __init__(self, strength: float) -> None:
        self.strength = strength
        if strength:
            importlib.import_module("torchvision.transforms.v2")

    def __call__(self, image: Tensor, rng: np.random.Generator) -> Tensor:
        if not self.strength:
            return image
        from torchvision.transforms.v2 import functional as transforms

        factors = 1 + self.strength * rng.uniform(-1, 1, 3)
        image = transforms.adjust_brightness(image, factors[0])
        image = transforms.adjust_contrast(image, factors[1])
        return transforms.adjust_saturation(image, factors[2])
