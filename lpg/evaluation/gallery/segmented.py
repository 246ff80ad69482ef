"""A segmenter's label maps of photographs that have no segmentations, made when they are looked at."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from lpg.classes import translate
from lpg.files.boxes import BoxTable
from lpg.files.label_maps import LabelMaps


class Segmenter(Protocol):
    """A segmenter, as `lpg.segmenter.apply.Segmenter` is one.

    `labels` takes a photograph, uint8 (H, W, 3), and gives places in `classes`, uint8 (H, W).
    """

    classes: Sequence[str]

    def labels(self, photograph: np.ndarray) -> np.ndarray: ...


class Segmented:
    """Label maps of all photographs of a table, by name, uint8 (H, W): the known ones, or the segmenter's.

    Raises:
        InputError: the segmenter has a class that the table has not.
    """

    def __init__(self, table: BoxTable, known: LabelMaps | dict[str, np.ndarray], segmenter: Segmenter) -> None:
        self._table, self._known, self._segmenter = table, known, segmenter
        self._ids = translate(segmenter.classes, table.classes, "the segmenter")

    def __contains__(self, name: str) -> bool:
        return True

    def __getitem__(self, name: str) -> np.ndarray:
        if name in self._known:
            return self._known[name]
        return self._ids[self._segmenter.labels(self._table[name].read())]
