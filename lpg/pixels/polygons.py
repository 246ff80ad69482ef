"""Masks as polygons, for formats that know nothing else: of an object in several parts, or with holes, one ring.

A ring runs through the centres of the outermost pixels, which are integers here; fillers that draw their outline too
(OpenCV's, on which YOLO's readers stand) give back the same pixels.
"""

from collections.abc import Sequence
from itertools import chain

import cv2
import numpy as np
from scipy.spatial import cKDTree


def outlines(mask: np.ndarray, holes: bool = False) -> list[np.ndarray]:
    """The rings around the connected parts of a mask, the largest first, int (K, 2), x y.

    Arguments:
        mask: bool (h, w).
        holes: the rings around its holes too; they run over pixels of the object.
    """
    mode = cv2.RETR_CCOMP if holes else cv2.RETR_EXTERNAL
    rings, _ = cv2.findContours(np.ascontiguousarray(mask, dtype=np.uint8), mode, cv2.CHAIN_APPROX_SIMPLE)
    return sorted((_three(ring[:, 0]) for ring in rings), key=_extent, reverse=True)


def _three(ring: np.ndarray) -> np.ndarray:
    """The ring, with its last point repeated until it has three, as a polygon has, also around a single pixel."""
    return np.concatenate([ring, ring[-1:].repeat(max(0, 3 - len(ring)), axis=0)])


def _extent(ring: np.ndarray) -> int:
    return int(np.prod(np.ptp(ring, axis=0) + 1))


def one_ring(rings: Sequence[np.ndarray]) -> np.ndarray:
    """Several rings as one, int (K, 2): each is joined to those before it by a bridge of no width, there and back.

    Filled by the even-odd rule, holes stay holes; a bridge between two parts adds the pixels of a line.
    """
    points, before, bridges = np.concatenate(rings), _Nearest(rings[0]), {}
    for ring in rings[1:]:
        here, there = before.of(ring)
        first = before.add(ring)
        around = chain(range(first + there, first + len(ring)), range(first, first + there + 1))
        bridges.setdefault(here, []).append(chain(around, [here]))
    order, walks = [], [iter(range(len(rings[0])))]
    while walks:
        for point in walks[-1]:
            order.append(point)
            if point in bridges:
                walks += bridges.pop(point)
                break
        else:
            walks.pop()
    return points[order]


class _Nearest:
    """Points, (N, 2), to which others are added; which is nearest is asked of few trees, each larger than the next."""

    def __init__(self, points: np.ndarray) -> None:
        self._trees = [(0, cKDTree(points))]  # with the number of its first point

    def add(self, points: np.ndarray) -> int:
        """Add points (K, 2), and return the number of the first."""
        first = start = self._trees[-1][0] + self._trees[-1][1].n
        while self._trees and self._trees[-1][1].n <= len(points):
            start, smaller = self._trees.pop()
            points = np.concatenate([smaller.data, points])
        self._trees.append((start, cKDTree(points)))
        return first

    def of(self, points: np.ndarray) -> tuple[int, int]:
        """The number of the point that is nearest to one of `points`, and which of these that is."""
        found = []
        for start, tree in self._trees:
            distances, nearest = tree.query(points)
            there = int(distances.argmin())
            found.append((distances[there], start + int(nearest[there]), there))
        _, here, there = min(found)
        return here, there


def fill(rings: Sequence[np.ndarray], height: int, width: int) -> np.ndarray:
    """The pixels inside of rings or on them, by the even-odd rule, bool (height, width)."""
    mask = np.zeros((height, width), dtype=np.uint8)
    cv2.fillPoly(mask, [np.asarray(ring, dtype=np.int32) for ring in rings], 1)
    return mask.astype(bool)
