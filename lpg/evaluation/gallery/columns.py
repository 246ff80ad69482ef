"""What is shown of every photograph: its boxes, and a column for everything that has label maps."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from lpg.classes import VOID
from lpg.evaluation.gallery.overlays import draw_boxes, fit, hex_colour, object_map, overlay
from lpg.evaluation.gallery.segmented import Segmented, Segmenter
from lpg.files.boxes import BoxTable
from lpg.files.ground_truth import InstanceMasks
from lpg.files.hdf5 import open_file
from lpg.files.label_maps import LabelMaps
from lpg.files.pseudo_masks import SoftMaskFile
from lpg.photograph import Photograph

Files = Sequence[str | Path]
Masks = Callable[[Photograph], Iterator[np.ndarray]]


@dataclass(frozen=True)
class Column:
    """Label maps, and the masks of single objects, bool (H, W), in the order of their boxes; none where not known."""

    title: str
    labels: LabelMaps | Segmented
    masks: Masks = lambda image: iter(())


@dataclass
class Painter:
    """Makes the pictures of photographs.

    Attributes:
        seen: the class ids that the pictures so far show.
    """

    table: BoxTable
    columns: Sequence[Column]
    side: int
    seen: set[int] = field(default_factory=set)

    def pictures(self, image: Photograph) -> dict[str, np.ndarray]:
        """The pictures by title of the column, uint8 (H, W, 3) with a long side of `side`; none where no mask is."""
        photograph = fit(image.read(), self.side)
        scale = np.tile(np.array(photograph.shape[1::-1]) / (image.width, image.height), 2)
        painted = {"boxes": draw_boxes(photograph, image.boxes * scale, image.class_ids.tolist(), self.table.classes)}
        self.seen.update(image.classes)
        for column in self.columns:
            if image.name in column.labels:
                painted[column.title] = self._overlay(column, image, photograph)
        return painted

    def _overlay(self, column: Column, image: Photograph, photograph: np.ndarray) -> np.ndarray:
        labels = fit(column.labels[image.name], self.side)
        masks = [fit(mask.astype(np.uint8), self.side) > 0 for mask in column.masks(image)]
        self.seen.update(np.unique(labels).tolist())
        return overlay(photograph, labels, object_map(masks, image.class_ids.tolist(), labels))

    def legend(self) -> list[tuple[str, str]]:
        """Name and colour of every class in the pictures so far."""
        shown = sorted(self.seen - {0, VOID})
        return [
            *((self.table.classes[index], hex_colour(index)) for index in shown),
            *([("void", "#d0d0d0")] if VOID in self.seen else []),
        ]


def columns_of(
    table: BoxTable,
    *,
    stages: Sequence[Files],
    segmentations: Files,
    segmenter: Segmenter | None,
    truth: Files,
    kind: str,
) -> list[Column]:
    """The columns of a gallery, from left to right.

    Arguments:
        stages: of every stage the files of its masks, which are of a `kind`.
        segmenter: shows what it makes of photographs that have no segmentations.
    """
    columns = [
        Column(f"{kind}, stage {stage}", LabelMaps(files, table.classes), masks_of_boxes(files))
        for stage, files in enumerate(stages, start=1)
    ]
    known = LabelMaps(segmentations, table.classes) if segmentations else {}
    if segmenter or segmentations:
        columns.append(Column("segmenter", Segmented(table, known, segmenter) if segmenter else known))
    if truth:
        columns.append(Column("ground truth", LabelMaps(truth, table.classes), true_masks(truth)))
    return columns


def masks_of_boxes(files: Files) -> Masks:
    """The masks of the boxes in files like `pseudo_masks.h5`; those after a CRF have none."""
    soft: dict[str, SoftMaskFile] = {}
    for path in files:
        if _has_boxes(path):
            soft |= dict.fromkeys(LabelMaps([path]).names, SoftMaskFile(path))

    def masks(image: Photograph) -> Iterator[np.ndarray]:
        if image.name not in soft:
            return
        file = soft[image.name]
        for index, mask in enumerate(file.of(image)):
            yield image.laid(index, mask >= file.object_from(image.name))

    return masks


def _has_boxes(path: str | Path) -> bool:
    with open_file(path) as file:
        return "boxes/offset" in file


def true_masks(files: Files) -> Masks:
    """The masks of the boxes in files like `masks.h5`."""
    instances = InstanceMasks(files)

    def masks(image: Photograph) -> Iterator[np.ndarray]:
        for index in range(len(image.boxes)):
            yield instances(image.name, index, image.height, image.width) > 0

    return masks
