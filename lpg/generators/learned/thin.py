"""Windows of thin boxes: in a square window a box of 8000 × 100 pixels would be a hair, and its mask empty.

A box gains nothing by it while its square shows LEAST pixels of the short side (docs/benchmark.md), and keeps that.
"""

import math

import numpy as np

from lpg.pixels.windows import Window

LEAST = 8  # pixels of a box's short side that the network must see
SHORT = 24  # what it sees if a square would show less
AROUND = 64  # of its input's short side, which is a multiple of that of every network
MOST = 4096  # of its input's long side


def thin_window(box: np.ndarray, context: float, side: int) -> tuple[Window, tuple[int, int]] | None:
    """An oblong window along a box whose short side a square window would lose, and the input size (h, w).

    Arguments:
        box: x0 y0 x1 y1, edges in pixels.
        context: length of the window, in lengths of the box.
        side: of the network's input, had the window been a square.

    Returns: None for a box that a square shows well enough.
    """
    x0, y0, x1, y1 = (float(edge) for edge in box)
    short, long = sorted((x1 - x0, y1 - y0))
    if short * side >= LEAST * context * long:
        return None
    scale = min(SHORT / short, MOST / (context * long))
    length = AROUND * math.ceil(context * long * scale / AROUND)
    size = (AROUND, length) if x1 - x0 > y1 - y0 else (length, AROUND)
    height, width = (max(1, round(pixels / scale)) for pixels in size)
    return Window(round((y0 + y1 - height) / 2), round((x0 + x1 - width) / 2), height, width), size
