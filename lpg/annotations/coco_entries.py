"""An entry of one of the three lists of COCO's layout, and what is wrong with it."""

from collections.abc import Callable
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from lpg.annotations.image_lists import leaves_folder
from lpg.errors import InputError

LARGEST = 1e9  # pixels: what float32 and C can still compute with


def entry_fault(place: str, item: Any, keys: tuple[str, ...]) -> InputError | None:
    """The first thing that is wrong with an entry.

    Arguments:
        place: the file and the entry's place in it, for messages.
        keys: those that it must have; of others height and width are looked at.
    """
    if not isinstance(item, dict):
        return InputError(f"{place} is {item!r} and no object", "mend it or drop the entry")
    for key in keys:
        if key not in item:
            return InputError(f"{place} has no '{key}'", "add it or drop the entry")
    for key, wrong in FAULTS.items():
        reason = wrong(item[key]) if key in item and key in (*keys, "height", "width") else None
        if reason is not None:
            return InputError(f"{place} has the {key} {item[key]!r}{reason}", "mend it or drop the entry")
    return None


def has_mask(item: dict) -> bool:
    """Whether an entry has a mask; CVAT writes an empty list in a list for a box."""
    return bool(item.get("segmentation")) and item["segmentation"] != [[]]


def _unless(fits: Callable[[Any], bool], wanted: str) -> Callable[[Any], str | None]:
    return lambda value: None if fits(value) else f", which is not {wanted}"


def _is_length(value: Any) -> bool:
    """Whether a value is a length; NaN is one, for what has it is no box of any area, and no size."""
    return isinstance(value, int | float) and not isinstance(value, bool) and not abs(value) > LARGEST


def _is_id(value: Any) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool)  # true is 1 to Python, and to nobody else


def _name_fault(value: Any) -> str | None:
    """Why a photograph's name is not taken: files outside of the folder `images` are not read."""
    if not isinstance(value, str) or not PurePosixPath(value).name or "\0" in value:
        return ", which names no file"
    if "://" in value:
        return ", a URL: photographs are read from the folder images, so fetch it and write its name there"
    if PurePosixPath(value).is_absolute() or PureWindowsPath(value).is_absolute():
        return ", which is absolute: a name is relative to the folder images, and files elsewhere are not read"
    return ", which leads out of the folder images" if leaves_folder(value) else None


# Why a value is not taken, wherever its key stands.
FAULTS: dict[str, Callable[[Any], str | None]] = {
    "bbox": _unless(
        lambda box: isinstance(box, list) and len(box) == 4 and all(map(_is_length, box)),
        "four numbers of pixels, x y width height",
    ),
    "height": _unless(lambda side: side is None or _is_length(side), "a number of pixels"),
    "width": _unless(lambda side: side is None or _is_length(side), "a number of pixels"),
    "file_name": _name_fault,
    "id": _unless(_is_id, "a whole number or text"),
    "image_id": _unless(_is_id, "a whole number or text"),
    "category_id": _unless(_is_id, "a whole number or text"),
    "name": _unless(lambda name: isinstance(name, str) and bool(name.strip()), "the name of a class"),
}
