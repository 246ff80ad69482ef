"""How tools make pixels of a polygon, each in its own way: a mask is what the tool that wrote its outline shows.

CVAT's exports fill as COCO does, through Datumaro and pycocotools: an outline runs between pixels. ultralytics (OpenCV)
and labelme (Pillow) cut coordinates to whole pixels, and these are the object's.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw
from pycocotools import mask as rle

from lpg.annotations.outlines import Crop, Outline, Polygon, clip_polygon
from lpg.pixels.polygons import fill
from lpg.pixels.rle import encode

BEYOND = 2  # pixels outside that stay of a polygon that leaves: where it is cut no outline is to be seen


@dataclass(frozen=True)
class Filling:
    """The way in which one tool makes pixels of an outline.

    Attributes:
        drawn: of a polygon near its photograph, height and width the mask, uint8 (H, W); None: as COCO.
    """

    drawn: Callable[[np.ndarray, int, int], np.ndarray] | None = None

    def run_lengths(self, outline: Outline, height: int, width: int) -> dict:
        """The mask of an object as COCO's compressed run lengths; what leaves the photograph is cut off."""
        parts = [
            part.placed(height, width) if isinstance(part, Crop) else self._filled(part, height, width)
            for part in outline
        ]
        return rle.merge([*filter(None, parts)] or [Crop.of(np.zeros((0, 0)), 0, 0).placed(height, width)])

    def box(self, outline: Outline, height: int, width: int) -> tuple[float, float, float, float] | None:
        """The box around its pixels, where it is another than that around its points."""
        if self.drawn is None:
            return None
        boxes = [part.box if isinstance(part, Crop) else _whole(part, height, width) for part in outline]
        return *np.min(boxes, axis=0)[:2].tolist(), *np.max(boxes, axis=0)[2:].tolist()

    def _filled(self, polygon: Polygon, height: int, width: int) -> dict | None:
        near = clip_polygon(polygon, height, width, BEYOND if self.drawn else 0)
        if len(near) < 6:
            return None
        if self.drawn is None:
            return rle.merge(rle.frPyObjects([near], height, width))
        return encode(self.drawn(np.reshape(near, (-1, 2)), height, width))


def _whole(polygon: Polygon, height: int, width: int) -> tuple[float, ...]:
    """The box around the pixels of a polygon's points; as far as these leave the photograph, so does the box."""
    points = np.reshape(polygon, (-1, 2))
    last = np.minimum(np.trunc(points.max(axis=0)) + 1, (width, height))
    return *np.trunc(points.min(axis=0)), *np.maximum(last, points.max(axis=0))


def _by_pillow(points: np.ndarray, height: int, width: int) -> np.ndarray:
    canvas = Image.new("L", (width, height))
    ImageDraw.Draw(canvas).polygon(list(map(tuple, points.tolist())), outline=1, fill=1)
    return np.asarray(canvas)


def _by_opencv(points: np.ndarray, height: int, width: int) -> np.ndarray:
    return fill([points], height, width)


COCO, YOLO, LABELME = Filling(), Filling(_by_opencv), Filling(_by_pillow)
