"""Boxes as pixels: slices, the box map y^b of a class, and the label map that paints all boxes (labels^0)."""

import numpy as np


def box_slices(box: np.ndarray, height: int, width: int) -> tuple[slice, slice]:
    """Rows and columns of the pixels that a box (x0 y0 x1 y1, edges in pixels) touches; none of a box outside."""
    x0, y0 = np.floor(box[:2]).astype(int)
    x1, y1 = np.ceil(box[2:]).astype(int)
    return slice(max(y0, 0), max(min(y1, height), 0)), slice(max(x0, 0), max(min(x1, width), 0))


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
