"""A segmenter that is not learned: what it says can be seen in the photograph."""

import torch
from torch import nn
from torch.nn import functional

from lpg.pixels.colours import Normalisation


class Colours(nn.Module):
    """Sees what is redder or bluer than grey, at stride 8 as the real networks."""

    scales, multiple = (1.0,), 32
    normalisation = Normalisation((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        small = functional.avg_pool2d(x, 8)
        red, blue = small[:, 0] - small[:, 2], small[:, 2] - small[:, 0]
        return torch.stack([torch.full_like(red, 1.0), red, blue], dim=1) * 10
