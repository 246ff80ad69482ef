"""The mask of every object beside its true one."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lpg.classes import VOID
from lpg.files.boxes import BoxTable
from lpg.files.ground_truth import InstanceMasks
from lpg.files.label_maps import LabelMaps
from lpg.files.pseudo_masks import SoftMaskFile
from lpg.photograph import Photograph
from lpg.pixels.shapes import mask_iou


@dataclass(frozen=True)
class Compared:
    """An object's mask beside its true one, both bool (H, W) and without the void pixels.

    Attributes:
        index: of its box in the photograph.
        soft: the soft mask inside its box, uint8 (h, w).
        object_from: the least value of it that is object.
        area: pixels of the true mask, void ones too.
    """

    image: Photograph
    index: int
    soft: np.ndarray
    object_from: int
    mask: np.ndarray
    true: np.ndarray
    area: int

    @property
    def iou(self) -> float:
        return mask_iou(self.mask, self.true)


def compared_objects(table: BoxTable, truth: str | Path, masks: str | Path) -> Iterator[Compared]:
    """Every object that has a true mask, one at a time.

    Raises:
        InputError: `masks` has none of a photograph with true masks, or others than it has boxes.
    """
    instances, labels, soft = InstanceMasks([truth]), LabelMaps([truth]), SoftMaskFile(masks)
    for image in table.images:
        if image.name not in instances:
            continue
        void = labels[image.name] == VOID
        found, least = soft.of(image), soft.object_from(image.name)
        for index in map(int, np.flatnonzero(instances.areas(image.name))):
            true = instances(image.name, index, image.height, image.width) > 0
            mask = image.laid(index, found[index] >= least)
            yield Compared(image, index, found[index], least, mask & ~void, true & ~void, np.count_nonzero(true))
