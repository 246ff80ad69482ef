"""YOLO: a text file a photograph, coordinates in parts of its sides; a polygon an object, or its box.

A polygon is one ring: parts of an object are joined by bridges. What that loses is measured and told.
"""

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import yaml

from lpg.annotations.exporters.annotated import Annotated, say_left_out
from lpg.annotations.exporters.turning import all_upright
from lpg.files.atomic import replace_atomically
from lpg.pixels.polygons import fill, one_ring, outlines
from lpg.pixels.shapes import mask_iou

log = logging.getLogger(__name__)

WITHIN = 0.25  # of a pixel: readers that round and readers that cut find the same one
CORNERS = 4  # of an oriented box


def export_yolo(
    photographs: Iterable[Annotated], classes: Sequence[str], folder: str | Path, source: Path | None = None
) -> None:
    """Write `<folder>/labels/<name>.txt` and `<folder>/data.yaml`; photographs belong into `<folder>/images`.

    An object with an empty mask is left out. Classes are numbered anew, for the table of a dataset keeps no numbers.
    """
    kept, empty = [], 0
    for annotated in all_upright(photographs):
        empty += annotated.empty
        lines = [line for index in range(len(annotated.image.boxes)) if (line := _line(annotated, index, kept))]
        path = Path(folder, "labels", f"{annotated.image.name}.txt")
        with replace_atomically(path) as partial:
            partial.write_text("".join(f"{line}\n" for line in lines))
    table = {"train": "images", "val": "images", "names": dict(enumerate(classes[1:]))}
    with replace_atomically(Path(folder, "data.yaml")) as partial:
        partial.write_text(yaml.safe_dump(table, sort_keys=False, allow_unicode=True), encoding="utf-8")
    log.info(
        "photographs belong into %s, beside labels; classes are numbered from 0 as in data.yaml, whatever they were",
        Path(folder, "images"),
    )
    say_left_out(empty)
    if kept:
        log.info(
            "YOLO's polygons lose holes and gaps: read back, %d masks have a mean IoU of %.3f, the worst %.3f",
            len(kept), np.mean(kept), np.min(kept),
        )  # fmt: skip


def _line(annotated: Annotated, index: int, kept: list[float]) -> str:
    image = annotated.image
    sides = np.array([image.width, image.height])
    if annotated.masks is None:
        x0, y0, x1, y1 = image.boxes[index]
        numbers = np.array([[x0 + x1, y0 + y1], [2 * (x1 - x0), 2 * (y1 - y0)]]) / 2 / sides
    else:
        mask = annotated.masks[index]
        if not mask.any():
            return ""
        ring = _closed(one_ring(outlines(mask, holes=True)))
        kept.append(mask_iou(mask, fill([ring], *mask.shape)))
        numbers = (ring + annotated.corner(index) + WITHIN) / sides
    return f"{image.class_ids[index] - 1} " + " ".join(f"{number:.6f}" for number in np.ravel(numbers))


def _closed(ring: np.ndarray) -> np.ndarray:
    """The ring, closed if it has four points: four corners would be an oriented box to readers."""
    return np.concatenate([ring, ring[:1]]) if len(ring) == CORNERS else ring
