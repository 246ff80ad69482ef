"""Pseudo masks as exporters want them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from lpg.annotations.exporters.annotated import Annotated, boxes_alone
from lpg.files.boxes import BoxTable
from lpg.files.label_maps import LabelMaps
from lpg.files.pseudo_masks import SoftMaskFile


def annotated_masks(
    table: BoxTable, pseudo_masks: Sequence[str | Path], scores: Mapping[str, Sequence[float]] | None = None
) -> Iterator[Annotated]:
    """Every photograph of the boxes that has masks, under the dataset's own name, one at a time.

    Arguments:
        pseudo_masks: files of them.
        scores: of every photograph the predicted IoU of its boxes.
    """
    soft, labels = SoftMaskFile(pseudo_masks), LabelMaps(pseudo_masks, table.classes)
    for image in table.images:
        if image.name in labels:
            masks = [mask > 127 for mask in soft.boxes(image.name)]
            known = scores and scores[image.name]
            yield replace(boxes_alone(image), masks=masks, labels=labels[image.name], scores=known)
