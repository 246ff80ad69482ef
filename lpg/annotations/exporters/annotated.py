"""What an exporter is given: photographs with their boxes, and the mask of every box where there is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lpg.photograph import Photograph


@dataclass(frozen=True)
class Annotated:
    """A photograph under the dataset's own name.

    Attributes:
        image: its boxes; `class_ids` are positions in the class table, background first.
        masks: of every box the object inside its pixels, bool (h, w); None where there are boxes only.
        labels: class ids of all pixels, uint8 (H, W), void 255; None where there are boxes only.
        scores: of every mask its predicted IoU, in [0, 1]; None where nobody predicted it.
    """

    image: Photograph
    masks: Sequence[np.ndarray] | None = None
    labels: np.ndarray | None = None
    scores: Sequence[float] | None = None

    @property
    def file_name(self) -> str:
        """The photograph, relative to the folder of photographs."""
        return self.image.name + Path(self.image.path).suffix

    def corner(self, index: int) -> np.ndarray:
        """The column and the row of the first pixel of a box's mask."""
        rows, columns = self.image.inside[index]
        return np.array([columns.start, rows.start])

    def whole(self, index: int) -> np.ndarray:
        """The mask of a box in its photograph, bool (H, W)."""
        mask = np.zeros((self.image.height, self.image.width), dtype=bool)
        mask[self.image.inside[index]] = self.masks[index]
        return mask

    def objects(self) -> np.ndarray:
        """The numbers of the objects from 1 on, uint16 (H, W), 0 where none is: the smallest on top."""
        numbers = np.zeros((self.image.height, self.image.width), dtype=np.uint16)
        for index in sorted(range(len(self.masks)), key=lambda index: -np.count_nonzero(self.masks[index])):
            numbers[self.image.inside[index]][self.masks[index]] = index + 1
        return numbers


def object_name(annotated: Annotated, index: int) -> str:
    """The name of a file about one object: `<photograph>__<id of the object>`."""
    key = str(annotated.image.object_ids[index])
    return f"{annotated.image.name}__{''.join(c if c.isalnum() or c in '-_.' else '_' for c in key)}"
