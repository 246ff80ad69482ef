"""What a reader of annotations is, and how one is opened."""

from typing import Protocol

import numpy as np

from lpg.annotations.registry import FORMATS
from lpg.photograph import Photograph


class Reader(Protocol):
    """The photographs, boxes and masks of one dataset, as its annotation has them.

    It is built from the dataset's settings as keyword arguments, from `keep` and `exclude` (classes, see
    `lpg.classes.choose_classes`), and from `where`, its place in the configuration for messages.

    Attributes:
        class_names: the kept classes; a box of the i-th has the class id i + 1.
    """

    class_names: list[str]

    def names(self) -> list[str]:
        """The photographs, in the order of the file."""

    def record(self, name: str) -> Photograph:
        """One photograph with the boxes of the kept classes, as annotated: they may leave it.

        Raises:
            InputError: its annotation cannot be read.
        """

    def label_map(self, photograph: Photograph) -> np.ndarray:
        """Ground truth, uint8 (H, W): 0 background, ids of the kept classes, 255 void.

        Raises:
            InputError: there is none, or it is malformed.
        """

    def instance_masks(self, photograph: Photograph) -> list[np.ndarray]:
        """One mask per box of the photograph, uint8 (H, W), 1 on the object; empty where its object has none."""


def open_reader(settings: dict, where: str) -> Reader:
    """The reader that a dataset of the configuration asks for.

    Arguments:
        settings: `format`, the reader's own keys, and `classes` with `keep` and `exclude`.
        where: the dataset's place in the configuration, for messages.
    """
    arguments = {key: value for key, value in settings.items() if key not in ("format", "fraction")}
    choice = arguments.pop("classes", {})
    return FORMATS[settings["format"]].open()(**arguments, **choice, where=where)
