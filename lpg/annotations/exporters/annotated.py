"""What an exporter is given: photographs with their boxes, and the mask of every box where there is one."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import numpy as np

from lpg.classes import merge
from lpg.files.boxes import BoxTable, merged_classes
from lpg.files.ground_truth import InstanceMasks
from lpg.files.label_maps import LabelMaps
from lpg.files.pseudo_masks import SoftMaskFile
from lpg.photograph import Photograph, own_name

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Annotated:
    """A photograph under the dataset's own name.

    Attributes:
        image: its boxes; `class_ids` are positions in the class table, background first.
        masks: of every box the object inside its place, bool (h, w); None where there are boxes only.
        labels: class ids of all pixels, uint8 (H, W), void 255; None where there are boxes only.
        scores: of every mask its predicted IoU, in [0, 1]; None where nobody predicted it.
        places: rows and columns of every mask; the pixels of the boxes by default.
    """

    image: Photograph
    masks: Sequence[np.ndarray] | None = None
    labels: np.ndarray | None = None
    scores: Sequence[float] | None = None
    places: Sequence[tuple[slice, slice]] | None = None

    def place(self, index: int) -> tuple[slice, slice]:
        """The rows and the columns of a mask."""
        return self.places[index] if self.places else self.image.inside[index]

    @property
    def empty(self) -> int:
        """How many of its masks are empty."""
        return sum(not mask.any() for mask in (() if self.masks is None else self.masks))

    @property
    def file_name(self) -> str:
        """The path of the photograph, relative to the folder of photographs."""
        return self.image.name + Path(self.image.path).suffix

    def corner(self, index: int) -> np.ndarray:
        """The first column and row of a mask."""
        rows, columns = self.place(index)
        return np.array([columns.start, rows.start])

    def whole(self, index: int) -> np.ndarray:
        """The mask of a box in its photograph, bool (H, W)."""
        mask = np.zeros((self.image.height, self.image.width), dtype=bool)
        mask[self.place(index)] = self.masks[index]
        return mask

    def objects(self) -> np.ndarray:
        """The numbers of the objects from 1 on, uint16 (H, W), 0 where none is.

        A pixel of a class in `labels` belongs to an object of that class, of several to the smallest.
        """
        numbers = np.zeros((self.image.height, self.image.width), dtype=np.uint16)
        for index in sorted(range(len(self.masks)), key=lambda index: -np.count_nonzero(self.masks[index])):
            place = self.place(index)
            numbers[place][self.masks[index] & (self.labels[place] == self.image.class_ids[index])] = index + 1
        return numbers


def object_name(annotated: Annotated, index: int) -> str:
    """The name of a file about one object, `<photograph>__<id of the object>`, another for every id.

    The id is written as in an address, `%2F` for `/`, also its `_`, so that the last two in the name stand before it.
    """
    key = quote(str(annotated.image.object_ids[index]), safe="").replace("_", "%5F")
    return f"{annotated.image.name}__{key}"


def say_left_out(empty: int) -> None:
    """Warn of objects with an empty mask, which a format leaves out that has an outline or a file for each mask."""
    if empty:
        log.warning("%d objects have an empty mask and are left out", empty)


def boxes_alone(image: Photograph) -> Annotated:
    """A photograph of our files under the dataset's own name, without masks."""
    return Annotated(replace(image, name=own_name(image.name)))


def true_masks(table: BoxTable, masks: str | Path) -> Iterator[Annotated]:
    """Every photograph that has ground truth, one at a time; a mask may reach beyond its box.

    Arguments:
        masks: their `masks.h5`.
    """
    instances, labels = InstanceMasks([masks]), LabelMaps([masks], table.classes)
    for image in table.images:
        if image.name in instances:
            height, width = image.height, image.width
            whole = [instances(image.name, index, height, width) > 0 for index in range(len(image.boxes))]
            places = [(slice(0, height), slice(0, width))] * len(whole)
            yield replace(boxes_alone(image), masks=whole, labels=labels[image.name], places=places)


def annotated_masks(
    table: BoxTable, pseudo_masks: Sequence[str | Path], scores: Mapping[str, Sequence[float]]
) -> Iterator[Annotated]:
    """Every photograph of the boxes that has masks, under the dataset's own name, one at a time.

    Arguments:
        pseudo_masks: files of them.
        scores: of photographs the predicted IoU of their masks.
    """
    known = merge([table.classes, merged_classes(pseudo_masks)])  # of a run over several datasets: more than have boxes
    soft, labels = SoftMaskFile(pseudo_masks), LabelMaps(pseudo_masks, known)
    for image in table.images:
        if image.name in labels:
            found = soft.of(image)
            masks = [mask >= soft.object_from(image.name) for mask in found]
            rated = scores.get(image.name)
            yield replace(boxes_alone(image), masks=masks, labels=labels[image.name], scores=rated)
