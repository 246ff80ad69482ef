"""Photographs as the networks see them."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

GREY = 0.2989, 0.587, 0.114  # of red, green and blue


@dataclass(frozen=True)
class Normalisation:
    """What RGB in [0, 1] is brought to before a network sees it: less the mean, over the deviation.

    It belongs to the weights of a trunk, and travels with them: from the registry to the network, into the checkpoint,
    and from there to whoever applies it.
    """

    mean: tuple[float, float, float]
    std: tuple[float, float, float]

    def __call__(self, images: Tensor) -> Tensor:
        """uint8 (..., 3, H, W) to float32."""
        scaled = images.to(torch.float32).mul_(1 / 255)
        mean, std = (scaled.new_tensor(values).reshape(3, 1, 1) for values in (self.mean, self.std))
        return scaled.sub_(mean).div_(std)

    @property
    def mean_colour(self) -> Tensor:
        """The uint8 colour (3,) that normalises to about zero: what lies outside a photograph."""
        return torch.tensor([round(255 * value) for value in self.mean], dtype=torch.uint8)


def to_channels(photograph: np.ndarray) -> Tensor:
    """uint8 (H, W, 3) to uint8 (3, H, W)."""
    return torch.from_numpy(np.ascontiguousarray(photograph.transpose(2, 0, 1)))


def jitter_colours(image: Tensor, strength: float, rng: np.random.Generator) -> Tensor:
    """Random brightness, contrast, saturation (factor 1 ± strength); uint8 (3, H, W)."""
    if strength == 0:
        return image
    brightness, contrast, saturation = (1 + strength * rng.uniform(-1, 1, 3)).tolist()
    image = image.mul(brightness).clamp_(0, 255).to(torch.uint8)
    image = _between(image, _grey(image).mean(), contrast)
    return _between(image, _grey(image), saturation)


def _grey(image: Tensor) -> Tensor:
    """Whole numbers as float32 (H, W)."""
    red, green, blue = image
    return red.mul(GREY[0]).add_(green, alpha=GREY[1]).add_(blue, alpha=GREY[2]).floor_()


def _between(image: Tensor, other: Tensor, factor: float) -> Tensor:
    """`image` by `factor`, and of `other` the rest."""
    return image.mul(factor).add_(other, alpha=1 - factor).clamp_(0, 255).to(torch.uint8)
