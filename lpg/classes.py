"""Class tables, always matched by name, never by number. Index 0 is the background."""

import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np

from lpg.errors import InputError

BACKGROUND = "background"
VOID = 255

VOC = (
    "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow",
    "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
)  # fmt: skip

# The six classes that COCO spells differently, as COCO: VOC.
SPELLINGS = {
    "airplane": "aeroplane",
    "couch": "sofa",
    "dining table": "diningtable",
    "motorcycle": "motorbike",
    "potted plant": "pottedplant",
    "tv": "tvmonitor",
}

GROUPS = {"voc": VOC}


def plain(name: str) -> str:
    """A name without capitals, and with accents as letters' own, which macOS lets stand by themselves."""
    return unicodedata.normalize("NFC", name.strip().lower())


def canonical(name: str) -> str:
    """One spelling for the same class, so that COCO's `tv` and VOC's `tvmonitor` are seen to be one."""
    name = plain(name)
    return SPELLINGS.get(name, name)


def merge(tables: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """The union of class tables by name, in order of first appearance, background first."""
    merged: dict[str, str] = {}
    for table in tables:
        for name in table:
            merged.setdefault(canonical(name), name)
    if len(merged) > VOID:
        raise InputError(f"the datasets have {len(merged)} classes", f"8-bit masks hold {VOID - 1}: exclude some")
    return tuple(merged.values())


def translate(source: Sequence[str], target: Sequence[str], where: str) -> np.ndarray:
    """A uint8 look-up table (256,) from class ids of one table to those of another; void stays void.

    Raises:
        InputError: a class of `source` is not in `target`.
    """
    position = {canonical(name): index for index, name in enumerate(target)}
    table = np.full(256, VOID, dtype=np.uint8)
    for index, name in enumerate(source):
        if canonical(name) not in position:
            raise InputError(f"{where}: class '{name}' is not in the class table {', '.join(target)}")
        table[index] = position[canonical(name)]
    return table
