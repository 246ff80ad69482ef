"""A file of COCO's layout on its way in: what stands in it is checked, and what tools write otherwise is made even."""

import logging
from math import isfinite
from os.path import isfile
from pathlib import Path, PureWindowsPath
from typing import Any

from lpg.annotations.coco_entries import entry_fault
from lpg.annotations.faults import refuse
from lpg.annotations.image_folder import tails
from lpg.annotations.image_lists import leaves_folder
from lpg.annotations.texts import read_json
from lpg.errors import InputError

log = logging.getLogger(__name__)

REQUIRED = {
    "images": ("id", "file_name"),
    "annotations": ("id", "image_id", "category_id", "bbox"),
    "categories": ("id", "name"),
}


def read_instances(path: Path, images: Path) -> dict[str, list[dict]]:
    """`images`, `annotations` and `categories` of an instances file.

    Of an image `height` and `width` are whole numbers, 0 if the file does not state them. An id that is text in one
    list and a number in another becomes that of the list it names. Backslashes in names are separators.

    Arguments:
        images: the folder of the photographs.

    Raises:
        InputError: the file cannot be read, or says what all is wrong with its entries.
    """
    content = _load(path)
    faults = []
    for section, keys in REQUIRED.items():
        if not isinstance(content[section], list):
            raise InputError(
                f"{path}: '{section}' is no list", "COCO's instances are lists of images, annotations, categories"
            )
        for item in content[section] if section == "images" else ():
            _separate(item, images)
        faults += _section_faults(path, section, content[section], keys)
    refuse(faults, str(path))
    for item in content["images"]:
        item["height"], item["width"] = _size(item)
    for section, key in (("images", "image_id"), ("categories", "category_id")):
        _match_ids(path, content["annotations"], key, content[section], section)
    refuse(_dangling(path, content), str(path))
    return content


def _load(path: Path) -> dict:
    try:
        content = read_json(path)
    except InputError as error:  # of all photographs: there is no going on without it
        raise InputError(error.fault, error.remedy) from None
    if not isinstance(content, dict):
        raise InputError(f"{path} holds no object", "a COCO instances file has images, annotations, categories")
    missing = [key for key in REQUIRED if key not in content]
    if missing:
        raise InputError(f"{path} has no '{missing[0]}': a COCO instances file has images, annotations, categories")
    return content


def _separate(image: Any, images: Path) -> None:
    """Names as Windows writes them, unless a file is called so; of a path elsewhere what of it lies in the folder."""
    name = image.get("file_name") if isinstance(image, dict) else None
    if not isinstance(name, str):
        return
    if "\\" in name and not isfile(images / name):
        name = image["file_name"] = name.replace("\\", "/")
    if leaves_folder(name) or PureWindowsPath(name).is_absolute():  # as Label Studio's lead to its own disk
        image["file_name"] = next((tail for tail in tails(name) if isfile(images / tail)), name)


def _section_faults(path: Path, section: str, items: list, keys: tuple[str, ...]) -> list[InputError]:
    seen, faults = set(), []
    for position, item in enumerate(items):
        key = f" (id {item['id']})" if section == "annotations" and isinstance(item, dict) and "id" in item else ""
        place = f"{path}: {section}[{position}]{key}"
        fault = entry_fault(place, item, keys)
        if fault is None and item["id"] in seen:
            fault = InputError(f"{path}: two {section} have the id {item['id']}", "give one of them another")
        if fault:
            faults.append(fault)
        else:
            seen.add(item["id"])
    return faults


def _size(image: dict) -> tuple[int, int]:
    """Height and width, 0 and 0 where one of them is not stated: left out, null, 0 or no number."""
    sides = image.get("height") or 0, image.get("width") or 0
    return tuple(map(int, sides)) if all(isfinite(side) and side >= 1 for side in sides) else (0, 0)


def _match_ids(path: Path, annotations: list[dict], key: str, items: list[dict], section: str) -> None:
    """Give annotations the ids of the list that they name, where one of both writes them as text."""
    known = {item["id"] for item in items}
    by_text = {str(item["id"]): item["id"] for item in items}
    matched = [item for item in annotations if item[key] not in known and str(item[key]) in by_text]
    for item in matched:
        item[key] = by_text[str(item[key])]
    if matched:
        log.warning(
            "%s: the %s of %d annotations is text where the id in %s is a number, or the reverse: compared as text",
            path, key, len(matched), section,
        )  # fmt: skip


def _dangling(path: Path, content: dict[str, list[dict]]) -> list[InputError]:
    images, categories = ({item["id"] for item in content[key]} for key in ("images", "categories"))
    return [
        InputError(f"{path}: annotation {item['id']} names an image or a category that the file lacks", "drop it")
        for item in content["annotations"]
        if item["image_id"] not in images or item["category_id"] not in categories
    ]
