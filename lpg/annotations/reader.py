"""What a reader of annotations is, and how one is opened."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

from lpg.annotations.registry import FORMATS
from lpg.photograph import Photograph

NO_MASKS = (
    "a run that learns from masks or is scored wants a dataset that has them; boxes alone are for a run without learn, "
    "labels: masks and evaluate, and for photographs that its masks: do not list"
)
NOT_THE_READERS = ("format", "fraction", "orientation")  # settings of a dataset that a reader is not built from
RELATIVE = ("yolo", "csv")  # formats whose numbers may be parts of the sides of a photograph, as it is turned


class Reader(Protocol):
    """The photographs, boxes and masks of one dataset, as its annotation has them.

    It is built from the dataset's settings as keyword arguments, from `keep` and `exclude` (classes, see
    `lpg.annotations.class_choice`), and from `where`, its place in the configuration for messages.

    Attributes:
        class_names: the kept classes; a box of the i-th has the class id i + 1.
        form: what four numbers a box has in the annotation, see `lpg.annotations.box_readings.FORMS`.
    """

    class_names: list[str]
    form: str

    def names(self) -> Sequence[str]:
        """The photographs, in the order of the file."""

    def record(self, name: str) -> Photograph:
        """One photograph with the boxes of the kept classes, as annotated: they may leave it.

        Its height and width are 0 if the annotation does not state them. Boxes are of those pixels which the annotation
        means; whether these are the stored ones or upright is found later (`lpg.annotations.orientation`).

        Raises:
            InputError: its annotation cannot be read.
        """

    def label_map(self, photograph: Photograph) -> np.ndarray:
        """Ground truth, uint8 (H, W): 0 background, ids of the kept classes, 255 void.

        Raises:
            InputError: there is none, or it is malformed.
        """

    def instance_masks(self, photograph: Photograph) -> Iterable[np.ndarray]:
        """One mask per box of the photograph, uint8 (H, W), 1 on the object; empty where its object has none.

        Each is made when its turn comes, for a photograph may have a thousand; what is wrong is found before the first.
        """


def open_reader(settings: dict, where: str) -> Reader:
    """The reader that a dataset of the configuration asks for.

    Arguments:
        settings: `format`, `fraction`, `orientation`, `classes` with `keep` and `exclude`, and the reader's own keys.
        where: the dataset's place in the configuration, for messages.
    """
    arguments = {key: value for key, value in settings.items() if key not in NOT_THE_READERS}
    choice = arguments.pop("classes", {})
    if settings["format"] in RELATIVE:
        choice = {**choice, "stored": settings.get("orientation") == "stored"}
    return FORMATS[settings["format"]].open()(**arguments, **choice, where=where)
