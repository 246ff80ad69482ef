"""What the generator sees: one (image, class) pair, or one box."""

from dataclasses import dataclass
from math import lcm

import numpy as np
import torch
from torch import Tensor

from lpg.generators.learned.recipe import BoxRecipe, ImageRecipe
from lpg.generators.learned.thin import thin_window
from lpg.photograph import Photograph
from lpg.pixels.box_maps import box_map
from lpg.pixels.colours import Normalisation
from lpg.pixels.windows import Window, box_window, cut, whole_window

PADDED = 32  # `view: image` pads photographs to multiples of it
SMALLEST = 5 / 8  # of the training input's side: as far as `magnify` makes an input smaller
BLANK_SCORE = 153  # stands for a score that is not there: 0.6


@dataclass(frozen=True)
class Pair:
    """One class of one photograph; with `box`, only that box of it."""

    image: Photograph
    class_id: int
    box: int | None = None

    @property
    def indices(self) -> np.ndarray:
        """Its boxes, as positions among those of its photograph."""
        return np.flatnonzero(self.image.class_ids == self.class_id) if self.box is None else np.array([self.box])

    def box_map(self) -> np.ndarray:
        """y^b of the class, or of the one box, bool (H, W)."""
        return box_map(self.image.boxes[self.indices], self.image.height, self.image.width)


def pairs_of(image: Photograph, view: str) -> list[Pair]:
    """Every pair of a photograph: its classes for `view: image`, its boxes for `view: box`."""
    if view == "image":
        return [Pair(image, class_id) for class_id in image.classes]
    return [Pair(image, int(class_id), box) for box, class_id in enumerate(image.class_ids)]


def cut_pair(pair: Pair, photograph: Tensor, window: Window, outside: Tensor) -> Tensor:
    """The four channels of g that do not depend on a segmenter, inside a window: image 3, box map; uint8 (4, h, w).

    Arguments:
        photograph: uint8 (3, H, W).
        outside: the colour outside the photograph; no box is there.
    """
    boxes = torch.from_numpy(pair.box_map().view(np.uint8))[None] * 255
    return torch.cat([cut(photograph, window, outside), cut(boxes, window, 0)])


def blank_score(height: int, width: int) -> Tensor:
    """The fifth channel where there is no score, uint8 (1, height, width)."""
    return torch.full((1, height, width), BLANK_SCORE, dtype=torch.uint8)


def network_input(channels: Tensor, normalisation: Normalisation) -> Tensor:
    """Channels, uint8 (N, 5, H, W), as a network sees them, float32: the image normalised, the others in [0, 1]."""
    return torch.cat([normalisation(channels[:, :3]), channels[:, 3:].float() / 255], dim=1)


def input_multiple(view: str, multiple: int) -> int:
    """The number of which the sides of inputs are multiples, where a network wants `multiple`."""
    return multiple if view == "box" else lcm(PADDED, multiple)


def mask_window(
    pair: Pair, recipe: ImageRecipe | BoxRecipe, multiple: int, scale: float
) -> tuple[Window, tuple[int, int]]:
    """Where masks are generated: the whole padded photograph or the box with context, and the input size (h, w).

    The window of a box is a square, but for one as thin as a hair.

    Arguments:
        multiple: the sides of inputs that the network wants are multiples of it.
        scale: one of `recipe.apply.scale`.
    """
    height, width = pair.image.height, pair.image.width
    if pair.box is None:
        long_side = (recipe.long_side or max(height, width)) * scale
        return whole_window(height, width, long_side, input_multiple(recipe.view, multiple))
    box, side = pair.image.boxes[pair.box], _rounded(recipe.crop * scale, multiple)
    if thin := thin_window(box, recipe.apply.context, side):
        return thin
    window = box_window(box, recipe.apply.context)
    if recipe.apply.magnify is not None:
        side = min(side, _rounded(max(SMALLEST * recipe.crop, recipe.apply.magnify * window.height), multiple))
    return window, (side, side)


def _rounded(side: float, multiple: int) -> int:
    return multiple * max(1, round(side / multiple))
