"""What every annotation format is turned into."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Record:
    """One photograph and its boxes.

    Attributes:
        name: relative path without its ending; unique in the dataset.
        path: the photograph.
        source: the file (and line or entry) that describes it, for messages.
        height, width: as the annotation states them, pixels.
        boxes: float32 (N, 4), x0 y0 x1 y1, edges in pixels: the first pixel spans 0 to 1.
        class_names: the N classes, in the dataset's spelling.
        image_id, object_ids: COCO's keys of the photograph and of its N objects, to find their masks again.
    """

    name: str
    path: Path
    source: str
    height: int
    width: int
    boxes: np.ndarray
    class_names: list[str]
    image_id: int = 0
    object_ids: list[int] = field(default_factory=list)
