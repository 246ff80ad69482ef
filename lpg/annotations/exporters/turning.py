"""Photographs of formats whose tools turn every one upright as its EXIF says, whatever pixels its boxes are of."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from lpg.annotations.exporters.annotated import Annotated
from lpg.pixels.pictures import TRANSPOSED, read_orientation

log = logging.getLogger(__name__)

MIRRORED = {2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}  # x and y, once transposed


def all_upright(photographs: Iterable[Annotated]) -> Iterator[Annotated]:
    """Every photograph, boxes and masks turned if it was read as it is stored; one that is gone stays as it is."""
    count, gone = 0, []
    for annotated in photographs:
        path, orientation = Path(annotated.image.path), 1
        if not annotated.image.upright:
            if path.is_file():
                orientation = read_orientation(path)
            else:
                gone.append(path)
        count += orientation > 1
        yield annotated if orientation == 1 else _upright(annotated, orientation)
    if count:
        log.info("%d photographs have an EXIF orientation: their boxes are turned, as the format's tools do", count)
    if gone:
        log.warning("%d photographs are not there, such as %s: if EXIF turns one, its boxes and masks are wrong here, "
                    "for this format's tools would turn it", len(gone), gone[0])  # fmt: skip


def _upright(annotated: Annotated, orientation: int) -> Annotated:
    image = annotated.image
    height, width = (image.width, image.height) if orientation in TRANSPOSED else (image.height, image.width)
    boxes = _boxes(image.boxes, orientation, height, width)
    places = [annotated.place(index) for index in range(len(boxes))]
    edges = np.array([(x.start, y.start, x.stop, y.stop) for y, x in places], dtype=int).reshape(-1, 4)
    edges = _boxes(edges, orientation, height, width)
    return replace(
        annotated,
        image=replace(image, height=height, width=width, boxes=boxes, upright=True),
        masks=None if annotated.masks is None else [_pixels(mask, orientation) for mask in annotated.masks],
        labels=None if annotated.labels is None else _pixels(annotated.labels, orientation),
        places=[(slice(y0, y1), slice(x0, x1)) for x0, y0, x1, y1 in edges.tolist()],
    )


def _pixels(pixels: np.ndarray, orientation: int) -> np.ndarray:
    turned = pixels.T if orientation in TRANSPOSED else pixels
    mirror_x, mirror_y = MIRRORED[orientation]
    return turned[:: 1 - 2 * mirror_y, :: 1 - 2 * mirror_x]


def _boxes(boxes: np.ndarray, orientation: int, height: int, width: int) -> np.ndarray:
    """The edges (N, 4) of boxes on the upright photograph, whose sides are `height` and `width`."""
    boxes = boxes[:, [1, 0, 3, 2]] if orientation in TRANSPOSED else boxes.copy()
    for axis, (mirrored, side) in enumerate(zip(MIRRORED[orientation], (width, height), strict=True)):
        if mirrored:
            boxes[:, [axis, axis + 2]] = side - boxes[:, [axis + 2, axis]]
    return boxes
