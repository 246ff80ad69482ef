"""Outlines of objects: polygons, and crops of masks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from pycocotools import mask as rle

from lpg.pixels.rle import encode

Polygon = Sequence[float]  # x y x y …


@dataclass(frozen=True, slots=True)
class Crop:
    """The pixels of an object in a part of its photograph: where it begins, and COCO's compressed run lengths."""

    left: int
    top: int
    runs: dict

    @classmethod
    def of(cls, pixels: np.ndarray, left: float, top: float) -> "Crop":
        """The crop of an object's pixels, bool (h, w), that begin at `left` and `top`."""
        return cls(int(left), int(top), encode(pixels))

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The tight box, x0 y0 x1 y1; of no area if no pixel is the object's."""
        x, y, width, height = rle.toBbox(self.runs).tolist()
        return self.left + x, self.top + y, self.left + x + width, self.top + y + height

    def placed(self, height: int, width: int) -> dict:
        """The run lengths of the whole photograph; what lies outside is cut off."""
        mask = np.zeros((height, width), dtype=np.uint8, order="F")
        y, x = max(self.top, 0), max(self.left, 0)
        part = rle.decode(self.runs)[y - self.top :, x - self.left :][: max(height - y, 0), : max(width - x, 0)]
        mask[y : y + part.shape[0], x : x + part.shape[1]] = part
        return encode(mask)


Outline = Sequence[Polygon | Crop]  # the parts of one object


def clip_polygon(polygon: Polygon, height: int, width: int, beyond: float = 0) -> list[float]:
    """The part of a polygon inside the photograph (Sutherland and Hodgman): pycocotools fills memory with the rest.

    Arguments:
        beyond: pixels outside that belong to the part too.
    """
    points = np.asarray(polygon, dtype=np.float64).reshape(-1, 2)
    right, bottom = width + beyond, height + beyond
    if points.min() >= -beyond and (points <= (right, bottom)).all():
        return points.ravel().tolist()
    for axis, limit, sign in ((0, -beyond, 1), (1, -beyond, 1), (0, right, -1), (1, bottom, -1)):
        points = _half(points, lambda point, axis=axis, limit=limit, sign=sign: sign * (point[axis] - limit))
    return points.ravel().tolist()


def _half(points: np.ndarray, depth: Callable[[np.ndarray], float]) -> np.ndarray:
    """The part of a polygon (N, 2) where the depth is not negative."""
    kept = []
    for first, second in zip(points, np.roll(points, -1, axis=0), strict=True):
        here, there = depth(first), depth(second)
        if here >= 0:
            kept.append(first)
        if (here >= 0) != (there >= 0):
            kept.append(first + (second - first) * (here / (here - there)))
    return np.array(kept).reshape(-1, 2)


def ellipse(x: float, y: float, across: float, down: float, degrees: float = 0, corners: int = 64) -> list[float]:
    """A polygon for an ellipse by its centre and its half axes, turned clockwise."""
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return turned(np.stack([x + across * np.cos(angles), y + down * np.sin(angles)], axis=1), (x, y), degrees)


def turned(points: np.ndarray, centre: tuple[float, float], degrees: float) -> list[float]:
    """Points (N, 2) turned clockwise, as one sees it, around a centre; x y x y …"""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return ((np.asarray(points) - centre) @ turn + centre).ravel().tolist()


def bounds(polygons: Sequence[Polygon]) -> tuple[float, float, float, float]:
    """The box around polygons: x0 y0 x1 y1."""
    xs = [x for polygon in polygons for x in polygon[::2]]
    ys = [y for polygon in polygons for y in polygon[1::2]]
    return min(xs), min(ys), max(xs), max(ys)
