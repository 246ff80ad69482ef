"""Masks of VOC's boxes: the object of SegmentationObject that a box was drawn around, or its class within the box."""

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.ndimage import find_objects
from scipy.optimize import linear_sum_assignment

from lpg.classes import VOID
from lpg.pixels.box_maps import box_ious, box_slices, slice_edges

SAME_OBJECT = 0.3  # least IoU of a box and the tight box of its object, which void makes smaller by some pixels


def class_in_boxes(labels: np.ndarray, boxes: np.ndarray, class_ids: Sequence[int]) -> Iterator[np.ndarray]:
    """For every box the pixels of its class within it, uint8 (H, W).

    Arguments:
        labels: class ids, uint8 (H, W); boxes: (N, 4), edges in pixels; class_ids: N.
    """
    for box, class_id in zip(boxes, class_ids, strict=True):
        mask = np.zeros(labels.shape, dtype=np.uint8)
        inside = box_slices(box, *labels.shape)
        mask[inside] = labels[inside] == class_id
        yield mask


def objects_in_boxes(
    objects: np.ndarray, labels: np.ndarray, boxes: np.ndarray, class_ids: Sequence[int]
) -> Iterator[np.ndarray]:
    """For every box the object of its class that it fits best, uint8 (H, W); no object serves two boxes.

    VOC numbers its objects as its boxes, SBD does not, and lacks some: so objects and boxes are matched by the IoU of
    tight box and box. A box that no object fits has an empty mask.

    Arguments:
        objects: ids of objects from 1 on, 0 where there is none, 255 void, uint8 (H, W).
        labels, boxes, class_ids: as for `class_in_boxes`.
    """
    object_of = _match(objects, labels, boxes, class_ids)
    for box in range(len(boxes)):
        mask = objects == object_of[box] if box in object_of else np.zeros(labels.shape, dtype=bool)
        yield mask.view(np.uint8)


def _match(objects: np.ndarray, labels: np.ndarray, boxes: np.ndarray, class_ids: Sequence[int]) -> dict[int, int]:
    """The object of every box that one fits."""
    places = find_objects(np.where(objects == VOID, 0, objects).astype(np.int32))
    found = [index for index, place in enumerate(places, start=1) if place is not None]
    if not found or not len(boxes):
        return {}
    fit = box_ious(boxes, np.array([slice_edges(places[index - 1]) for index in found]))
    fit *= np.asarray(class_ids)[:, None] == [np.bincount(labels[objects == index]).argmax() for index in found]
    pairs = zip(*linear_sum_assignment(fit, maximize=True), strict=True)
    return {int(box): found[position] for box, position in pairs if fit[box, position] >= SAME_OBJECT}
