"""A refusal of the library in the words of a command, to which a file is given and no dataset with keys."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from lpg.annotations.reader import NO_MASKS
from lpg.commands.reading import DATASET
from lpg.errors import InputError

LISTS = [
    logging.getLogger(f"lpg.annotations.{name}") for name in ("faults", "extraction", "box_checks", "box_readings")
]
UNLISTED = "is not in class_names"
# What the library says of a configuration, and what that is to a command.
WORDS = {
    NO_MASKS: "leave --masks out",
    f"orientation: upright (datasets.{DATASET}, or --orientation)": "--orientation upright",
    "at classes and at split": "at the annotations",
    "exclude some": "take some out of the annotations",
    ", or exclude it as it is spelled there": ", or take its objects out",
    ", or exclude it": ", or take its objects out",
    ", or give class_names: [first, second, …]": "",
    "mend root, or give a split": "give a folder that has some",
    UNLISTED: "is not among the classes",
    "which class_names does not name": "which is no class's",
    "1 is the first of class_names": "1 is the first of them",
    "class_names has": "classes.txt has",
}


@contextmanager
def as_given(annotations: str) -> Iterator[None]:
    """Word what the block refuses of the annotations that a command was given."""
    words = _Words(annotations)
    try:
        for logger in LISTS:
            logger.addFilter(words)
        yield
    except InputError as error:
        fault, remedy = (words.of(text) for text in (error.fault, error.remedy))
        if UNLISTED in error.fault:
            remedy = f"{remedy}, or list the classes, in the order of their ids, in a classes.txt beside Annotations"
        raise InputError(fault, remedy, permission=error.permission) from None
    finally:
        for logger in LISTS:
            logger.removeFilter(words)


class _Words(logging.Filter):
    """The words of a command, also in lines of the log."""

    def __init__(self, annotations: str) -> None:
        super().__init__()
        self.annotations = annotations

    def of(self, text: str) -> str:
        for said, words in WORDS.items():
            text = text.replace(said, words)
        return text.replace(f"datasets.{DATASET}", self.annotations)

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self.of(record.getMessage()), ()
        return True
