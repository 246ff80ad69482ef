"""The guided filter as joint upsampling: soft masks that end at the edges of the photograph.

In every square of the network's input the soft mask is fitted by a linear function of the three colours (He, Sun and
Tang, "Guided image filtering", ECCV 2010, Eq. 9 and 10); the functions, not the mask, are brought to the photograph's
resolution and asked there for every pixel's own colour (He and Sun, "Fast guided filter", arXiv:1505.00996), whose
subsampling it has, too: squares are fitted on a half of the input's resolution. The libraries at hand do not give the
functions away.
"""

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn import functional

STEP = 2  # pixels of the input to one of those that squares are made of
RIDGE = 1e-5  # He et al.'s epsilon: how much variance of a colour in [0, 1] counts as none


def colour_functions(images: Tensor, masks: Tensor, radius: int | Tensor) -> Tensor:
    """a and b of mask = a · colour + b for every pixel, fitted in squares of pixels of half the resolution.

    Arguments:
        images: float32 (N, 3, h, w) in [0, 1].
        masks: float32 (N, h, w) in [0, 1].
        radius: of the squares, in pixels of the images; of a graph that is traced, a scalar.

    Returns: float32 (N, 4, h, w), a for red, green and blue, then b.
    """
    coarse = functional.avg_pool2d(torch.cat([images, masks[:, None]], dim=1), STEP, ceil_mode=True)
    functions = fitted_functions(coarse[:, :3], coarse[:, 3:], (radius + STEP - 1) // STEP)
    fine = functional.interpolate(functions, scale_factor=STEP, mode="bilinear")
    return fine[..., : images.shape[-2], : images.shape[-1]]


def fitted_functions(images: Tensor, masks: Tensor, radius: int | Tensor) -> Tensor:
    """a and b of mask = a · colour + b around every pixel: the mean of those of all squares that hold it.

    Arguments:
        images: float32 (N, 3, h, w) in [0, 1].
        masks: float32 (N, 1, h, w) in [0, 1].
        radius: a square's side is 2 · radius + 1 pixels; squares end at the edge of the input.

    Returns: float32 (N, 4, h, w).
    """
    products = images[:, :, None] * images[:, None]
    means = _mean(torch.cat([images, masks, images * masks, products.flatten(1, 2)], dim=1), radius)
    colour, mask, both, products = means.split([3, 1, 3, 9], dim=1)
    products = products.unflatten(1, (3, 3)) - colour[:, :, None] * colour[:, None]
    a = _solve(products + RIDGE * torch.eye(3).to(images)[:, :, None, None], both - mask * colour)
    b = mask - (a * colour).sum(dim=1, keepdim=True)
    return _mean(torch.cat([a, b], dim=1), radius)


def mask_of_colours(functions: Iterable[Tensor], photograph: Tensor) -> Tensor:
    """What the functions say of every pixel's colour.

    Arguments:
        functions: the four of `colour_functions` brought to the photograph's resolution, float32 (H, W) each, one
            after the other: of a large photograph they take much memory.
        photograph: uint8 (3, H, W).

    Returns: uint8 (H, W), 255 for 1.
    """
    soft = torch.zeros(photograph.shape[1:])
    for function, colour in zip(functions, (*photograph, None), strict=True):
        soft += function if colour is None else function * (colour / 255)
    return soft.clamp_(0, 1).mul_(255).round_().to(torch.uint8)


def _solve(variance: Tensor, covariance: Tensor) -> Tensor:
    """The solution of three equations at every pixel, (N, 3, h, w), by elimination without a choice of pivots.

    The variance (N, 3, 3, h, w) is symmetric and positive definite, so that is as exact as `torch.linalg.solve`, which
    takes longer for many small systems on a CPU and which graphs of ONNX do not have.
    """
    (a, b, c), (_, d, e), (_, _, f) = (row.unbind(1) for row in variance.unbind(1))
    x, y, z = covariance.unbind(1)
    second, third = b / a, c / a
    d, e, f = d - second * b, e - second * c, f - third * c
    y, z = y - second * x, z - third * x
    fourth = e / d
    z = (z - fourth * y) / (f - fourth * e)
    y = y / d - fourth * z
    return torch.stack([x / a - second * y - third * z, y, z], dim=1)


def _mean(channels: Tensor, radius: int) -> Tensor:
    """The mean over the square around every pixel, as far as it lies inside; (N, C, h, w).

    Two matrix products take a fifth of the time of `avg_pool2d` on a CPU, for squares of 19 pixels.
    """
    rows, columns = (_means_of_neighbours(side, radius, channels) for side in channels.shape[-2:])
    return rows @ channels @ columns.T


def _means_of_neighbours(side: int, radius: int, like: Tensor) -> Tensor:
    """The matrix (side, side) that makes of `side` numbers the mean around each; where `like` is, and of its kind."""
    places = torch.arange(side, device=like.device)
    near = ((places[:, None] - places).abs() <= radius).to(like)
    return near / near.sum(dim=1, keepdim=True)
