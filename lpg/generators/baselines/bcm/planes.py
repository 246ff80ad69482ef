"""The box maps of all classes of a photograph at once, a bit each, so that they go through a batch as few maps."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from lpg.photograph import Photograph

BITS = 8  # of a plane


def pack_boxes(image: Photograph, classes: int) -> list[np.ndarray]:
    """y^b of every class, whatever boxes of other classes lie over them: uint8 (H, W) planes of eight classes each.

    The bit of the background is 0 in the photograph, and so 1 where a batch is void.

    Arguments:
        classes: how many there are, background included.
    """
    maps = np.zeros((classes, image.height, image.width), dtype=bool)
    maps[image.classes] = image.box_maps()
    return list(np.packbits(maps, axis=0, bitorder="little"))


def unpack_boxes(planes: Sequence[Tensor], logits: Tensor) -> tuple[Tensor, Tensor]:
    """The box maps at the size of the logits, the nearest pixel, and where the photographs are.

    Arguments:
        planes: uint8 (N, H, W) each, as `pack_boxes` made them; 255 outside the photographs.
        logits: (N, classes, h, w).

    Returns: bool (N, classes, h, w), true everywhere for the background; bool (N, h, w).
    """
    stacked = torch.stack([plane.float() for plane in planes], dim=1)
    near = functional.interpolate(stacked, size=logits.shape[-2:], mode="nearest-exact").to(torch.uint8)
    shifts = torch.arange(BITS, dtype=torch.uint8, device=near.device)[:, None, None]
    bits = (near[:, :, None] >> shifts & 1).flatten(1, 2)[:, : logits.shape[1]].bool()
    known = ~bits[:, 0]
    bits[:, 0] = True
    return bits & known[:, None], known
