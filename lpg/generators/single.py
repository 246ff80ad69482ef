"""One object of a photograph that is in no file: what a generator is asked of arrays alone."""

import numpy as np

from lpg.generators.interface import Request
from lpg.photograph import Photograph

CLASS = 1  # the object's; 0 is the background


def single(photograph: np.ndarray, box: tuple[float, float, float, float], score: np.ndarray | None) -> Request:
    """The request for the object of one box.

    Arguments:
        photograph: uint8 (H, W, 3).
        box: x0 y0 x1 y1, edges in pixels.
        score: uint8 (H, W), 255 for 1; None where no segmenter has seen the photograph.
    """
    image = Photograph("image", "", *photograph.shape[:2], np.array([box], dtype=np.float32), np.array([CLASS]))
    return Request(image, photograph, {} if score is None else {0: 255 - score, CLASS: score})
