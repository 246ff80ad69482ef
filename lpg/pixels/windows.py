"""Windows of a photograph: the one geometry behind training crops, box crops and padded whole images.

A window (top, left, height, width) is in pixels of the photograph and may reach beyond it. What is cut there is filled,
then resized to what the network wants; the inverse puts a soft mask back where it belongs.
"""

import math
import platform
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Window:
    """A rectangle of whole pixels, height and width at least 1."""

    top: int
    left: int
    height: int
    width: int


def random_window(height: int, width: int, side: int, scale: float, rng: np.random.Generator) -> Window:
    """A square that becomes `side` pixels when the photograph is scaled by `scale`, anywhere that keeps most inside.

    Along an axis where the window is larger than the photograph, the photograph lies anywhere in the window.
    """
    extent = max(1, round(side / scale))
    top, left = (round(rng.uniform(min(0, size - extent), max(0, size - extent))) for size in (height, width))
    return Window(top, left, extent, extent)


def box_window(box: np.ndarray, context: float, shift: tuple[float, float] = (0.0, 0.0)) -> Window:
    """A square around the pixels that a box touches, its side `context` times their longer one; with a pixel at least
    on either side, if there is to be any context.

    Arguments:
        box: x0 y0 x1 y1, edges in pixels.
        shift: in [-1, 1] per axis (x, y); at -1 and 1 the box touches an edge of the window along that axis.
    """
    (x0, y0), (x1, y1) = np.floor(box[:2]).tolist(), np.ceil(box[2:]).tolist()
    longer = max(x1 - x0, y1 - y0)
    side = max(round(longer * context), int(longer) + 2 * (context > 1))
    slack_x, slack_y = (side - (x1 - x0)) / 2, (side - (y1 - y0)) / 2
    left = math.floor((x0 + x1 - side) / 2 + shift[0] * slack_x)
    top = math.floor((y0 + y1 - side) / 2 + shift[1] * slack_y)
    return Window(top, left, side, side)


def window_with(box: np.ndarray, side: int, height: int, width: int, rng: np.random.Generator) -> Window:
    """A square of `side` pixels that holds a box, or is held by it, anywhere that keeps most inside the photograph.

    Arguments:
        box: x0 y0 x1 y1, edges in pixels, inside the photograph.
    """
    x0, y0, x1, y1 = (float(edge) for edge in box)
    corner = []
    for low, high, size in ((y0, y1, height), (x0, x1, width)):
        start = round(rng.uniform(*sorted((low, high - side))))
        corner.append(min(max(start, min(0, size - side)), max(0, size - side)))
    return Window(*corner, side, side)


def cut(channels: Tensor, window: Window, fill: Tensor | int) -> Tensor:
    """The window of `channels` (C, H, W); outside the photograph it is `fill`, a number or one per channel (C,)."""
    height, width = channels.shape[-2:]
    out = torch.empty(channels.shape[0], window.height, window.width, dtype=channels.dtype)
    out[:] = torch.as_tensor(fill, dtype=channels.dtype).reshape(-1, 1, 1)
    top, left = max(window.top, 0), max(window.left, 0)
    bottom, right = min(window.top + window.height, height), min(window.left + window.width, width)
    if bottom > top and right > left:
        out[:, top - window.top : bottom - window.top, left - window.left : right - window.left] = channels[
            :, top:bottom, left:right
        ]
    return out


def resize(channels: Tensor, height: int, width: int, nearest: bool = False) -> Tensor:
    """Resize uint8 or float32 (C, H, W): bilinear, with antialiasing where it shrinks, or nearest for label maps."""
    rows, columns = channels.shape[-2:]
    if (rows, columns) == (height, width):
        return channels
    if nearest:
        return functional.interpolate(channels[None], (height, width), mode="nearest-exact")[0]
    if not channels.is_floating_point() and not _resizes_integers(channels):
        return resize(channels.float(), height, width).round().to(channels.dtype)
    shrinks = height < rows or width < columns
    return functional.interpolate(channels[None], (height, width), mode="bilinear", antialias=shrinks)[0]


def _resizes_integers(channels: Tensor) -> bool:
    """Whether torch has a quick way to resize these integers, right to a grey level."""
    quick = torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512") or platform.machine() in ("aarch64", "arm64")
    return channels.dtype == torch.uint8 and channels.device.type == "cpu" and quick


def pad(channels: Tensor, multiple: int, fill: Tensor | int) -> Tensor:
    """Channels (C, H, W), their sides brought to multiples of `multiple` on the right and below; `fill` as in `cut`."""
    height, width = (_round_up(side, multiple) for side in channels.shape[-2:])
    return cut(channels, Window(0, 0, height, width), fill)


def paste(mask: Tensor, window: Window, height: int, width: int) -> Tensor:
    """The inverse of cutting and resizing: a soft mask (h, w) of the window, laid into a photograph of zeros."""
    return paste_inside(mask[None], window, slice(0, height), slice(0, width))[0]


def paste_inside(channels: Tensor, window: Window, rows: slice, columns: slice) -> Tensor:
    """The inverse of cutting and resizing, for channels (C, h, w), on some rows and columns of the photograph alone."""
    whole = resize(channels, window.height, window.width)
    height, width = rows.stop - rows.start, columns.stop - columns.start
    return cut(whole, Window(rows.start - window.top, columns.start - window.left, height, width), 0)


def pixel_centres(window: Window, height: int, width: int) -> tuple[Tensor, Tensor]:
    """Where the centres of the rows and columns lie, in pixels of the photograph, if a window is resized to a size."""
    rows = window.top + (torch.arange(height) + 0.5) * window.height / height
    columns = window.left + (torch.arange(width) + 0.5) * window.width / width
    return rows, columns


def sample(channels: Tensor, covered: Window, window: Window, height: int, width: int) -> Tensor:
    """What lies in a window at a size, of channels float32 (C, h, w) that cover another window; bilinear.

    Beyond what they cover, it is what they are at the edge.
    """
    rows, columns = pixel_centres(window, height, width)
    y = 2 * (rows - covered.top) / covered.height - 1
    x = 2 * (columns - covered.left) / covered.width - 1
    grid = torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1)
    return functional.grid_sample(channels[None], grid[None], padding_mode="border", align_corners=False)[0]


def whole_window(height: int, width: int, long_side: float | None, multiple: int) -> tuple[Window, tuple[int, int]]:
    """The whole photograph for a network: the padded window, and the size (h, w) it is resized to.

    The photograph is scaled to `long_side` (null: not at all) and padded to multiples of `multiple`, after scaling.
    """
    scale = 1.0 if long_side is None else long_side / max(height, width)
    size = tuple(_round_up(max(1, round(side * scale)), multiple) for side in (height, width))
    return Window(0, 0, max(height, round(size[0] / scale)), max(width, round(size[1] / scale))), size


def _round_up(side: int, multiple: int) -> int:
    return math.ceil(side / multiple) * multiple
