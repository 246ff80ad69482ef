"""How likely a box is the one that a decision is about."""

from collections.abc import Mapping, Sequence

import numpy as np
from pycocotools import mask as rle

from lpg.classes import canonical
from lpg.photograph import Photograph
from lpg.pixels.box_maps import box_ious, slice_edges
from lpg.pseudo_masks.decision_files import Entry

NEAR = 0.5  # IoU from which on an object with a mask is that of a box
SAME = 0.9  # and one without: a mask was rejected for the box that was looked at, and for none beside it
HELD = 0.3  # IoU of a mask and its box, at least; or half of the mask lies inside
SAME_KEY = 1e-3  # tells boxes apart that are as near; tools number anew, and ids agree by chance


def worth_of_boxes(entry: Entry, image: Photograph, classes: Sequence[str]) -> np.ndarray:
    """How likely every box of a photograph is an entry's, float (N,), 0 where it cannot be.

    By class and place, where the entry states its box; else by its key alone, unless its mask speaks against that.
    """
    edges = np.array(list(map(slice_edges, image.inside))).reshape(-1, 4)
    worth = _by_key(entry, image, edges) if entry.box is None else _by_place(entry, image, edges)
    if entry.class_name is not None:
        worth = worth * [canonical(classes[kind]) == canonical(entry.class_name) for kind in image.class_ids]
    return np.where(_held(entry.mask, image, edges, worth > 0), worth, 0) if entry.mask else worth


def _by_place(entry: Entry, image: Photograph, edges: np.ndarray) -> np.ndarray:
    box = np.concatenate([np.floor(entry.box[:2]), np.ceil(entry.box[2:])])  # in pixels inside, as `edges`
    near = _ious(box.clip(0, [image.width, image.height] * 2), edges)
    return np.where(near >= (NEAR if entry.mask else SAME), near + SAME_KEY * _same_key(entry, image), 0)


def _by_key(entry: Entry, image: Photograph, edges: np.ndarray) -> np.ndarray:
    """If the mask is near to some boxes, the key must name one of them: it may be the number of a line."""
    near = _ious(_edges_of_mask(entry.mask), edges) if entry.mask else np.zeros(len(edges))
    return _same_key(entry, image) * ((near >= NEAR) | (near.max(initial=0) < NEAR)).astype(float)


def _same_key(entry: Entry, image: Photograph) -> np.ndarray:
    return np.array([str(key) == str(entry.object_id) for key in image.object_ids], dtype=bool)


def _held(mask: Mapping, image: Photograph, edges: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Which of some boxes a mask overlaps as an object does its box, bool (N,); an empty one is anywhere."""
    near = _ious(_edges_of_mask(mask), edges) >= HELD
    if near[asked].all():
        return near
    pixels = rle.decode(mask)
    parts = np.array([np.count_nonzero(pixels[place]) for place in image.inside])
    return near | (2 * parts >= np.count_nonzero(pixels))


def _edges_of_mask(mask: Mapping) -> np.ndarray:
    x, y, width, height = rle.toBbox(mask)
    return np.array([x, y, x + width, y + height])


def _ious(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """The IoU of one box with several, float64 (N,)."""
    return box_ious(box[None], boxes)[0]
