"""Boxes as pixels: slices, the box map y^b of a class, and the label map that paints all boxes (labels^0)."""

import numpy as np


def box_slices(box: np.ndarray, height: int, width: int) -> tuple[slice, slice]:
    """Rows and columns of the pixels that a box (x0 y0 x1 y1, edges in pixels) touches; none of a box outside."""
    x0, y0 = np.floor(box[:2]).astype(int)
    x1, y1 = np.ceil(box[2:]).astype(int)
    return slice(max(y0, 0), max(min(y1, height), 0)), slice(max(x0, 0), max(min(x1, width), 0))


def slice_edges(place: tuple[slice, slice]) -> tuple[int, int, int, int]:
    """x0 y0 x1 y1 of rows and columns."""
    rows, columns = place
    return columns.start, rows.start, columns.stop, rows.stop


def box_ious(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """IoU of every box with every other, x0 y0 x1 y1 of (N, 4) and (M, 4): float64 (N, M); 0 where neither has area."""
    one, other = (np.asarray(edges, dtype=np.float64) for edges in (boxes, others))
    low, high = np.maximum(one[:, None, :2], other[None, :, :2]), np.minimum(one[:, None, 2:], other[None, :, 2:])
    common = (high - low).clip(0).prod(axis=-1)
    areas, other_areas = ((edges[:, 2:] - edges[:, :2]).prod(axis=-1) for edges in (one, other))
    either = areas[:, None] + other_areas - common
    return np.divide(common, either, out=np.zeros_like(common), where=either > 0)


def box_map(boxes: np.ndarray, height: int, width: int) -> np.ndarray:
    """y^b of one class, bool (height, width): true inside the union of its boxes (N, 4)."""
    inside = np.zeros((height, width), dtype=bool)
    for box in boxes:
        inside[box_slices(box, height, width)] = True
    return inside


def paint_boxes(boxes: np.ndarray, class_ids: np.ndarray, height: int, width: int) -> np.ndarray:
    """All boxes as one label map, uint8 (height, width): the smaller box is on top."""
    labels = np.zeros((height, width), dtype=np.uint8)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    for index in np.argsort(-areas, kind="stable"):
        labels[box_slices(boxes[index], height, width)] = class_ids[index]
    return labels
