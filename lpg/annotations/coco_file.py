"""A file of COCO's layout on its way in: what stands in it is checked, and what tools write otherwise is made even."""

import json
from collections.abc import Iterator
from math import isfinite
from os.path import isfile
from pathlib import Path, PureWindowsPath
from typing import Any, BinaryIO

import numpy as np

from lpg.annotations.coco_entries import entry_fault, has_mask
from lpg.annotations.coco_ids import positions_of, repeated_ids
from lpg.annotations.coco_lists import read_lists
from lpg.annotations.coco_places import Places
from lpg.annotations.faults import refuse
from lpg.annotations.image_folder import tails
from lpg.annotations.image_lists import leaves_folder
from lpg.errors import InputError
from lpg.files.ragged import Names
from lpg.pixels.rle import is_crowd

REQUIRED = {
    "images": ("id", "file_name"),
    "annotations": ("id", "image_id", "category_id", "bbox"),
    "categories": ("id", "name"),
}


class Instances:
    """An instances file, read through once; its entries stay in it, and are read again when they are asked for.

    An id that is text in one list and a number in another becomes that of the list it names. Backslashes in names are
    separators.

    Arguments:
        path: the file.
        folder: of the photographs.

    Attributes:
        stems: the names of the images without their endings, in the file's order.
        categories: their names, by id.
        used: the names of those that have annotations.
        crowds: how many annotations are `iscrowd`.
        has_masks: whether any has a segmentation.

    Raises:
        InputError: the file cannot be read, or says what all is wrong with its entries.
    """

    def __init__(self, path: Path, folder: Path) -> None:
        self.path, self._folder = path, folder
        self.stems, self.categories, self.crowds, self.has_masks = Names(), {}, 0, False
        self._places = Places(path, REQUIRED)
        with self._places.opened() as file:
            self._find(*self._read(file))

    def _read(self, file: BinaryIO) -> tuple[dict[str, Names], dict[str, Names]]:
        """Go through the file, and return the ids of every list, and those that the annotations name, as JSON."""
        ids, named = {section: Names() for section in REQUIRED}, {"image_id": Names(), "category_id": Names()}
        faults, positions = {section: [] for section in REQUIRED}, dict.fromkeys(REQUIRED, 0)
        for section, item, *span in read_lists(file, REQUIRED):
            fault = self._fault(section, positions[section], item)
            positions[section] += 1
            if fault:
                faults[section].append(fault)
                continue
            self._places.append(section, *span)
            ids[section].append(json.dumps(item["id"]))
            if section == "images":
                self.stems.append(_stem(item["file_name"]))
            elif section == "categories":
                self.categories.setdefault(item["id"], item["name"])
            else:
                self.crowds += is_crowd(item)
                self.has_masks |= has_mask(item)
                for key, texts in named.items():
                    texts.append(json.dumps(item[key]))
        for section, own in ids.items():
            faults[section] += [_twice(self.path, section, key) for key in repeated_ids(own)]
        refuse([fault for section in REQUIRED for fault in faults[section]], str(self.path))
        return ids, named

    def _fault(self, section: str, position: int, item: Any) -> InputError | None:
        if section == "images":
            _separate(item, self._folder)
        key = f" (id {item['id']})" if section == "annotations" and isinstance(item, dict) and "id" in item else ""
        return entry_fault(f"{self.path}: {section}[{position}]{key}", item, REQUIRED[section])

    def _find(self, ids: dict[str, Names], named: dict[str, Names]) -> None:
        """The image and the category of every annotation, by their positions."""
        images = positions_of(self.path, named["image_id"], ids["images"], "image_id", "images")
        categories = positions_of(self.path, named["category_id"], ids["categories"], "category_id", "categories")
        found = (("image_id", images, "images"), ("category_id", categories, "categories"))
        refuse(
            [
                InputError(
                    f"{self.path}: annotation {json.loads(ids['annotations'][position])} has the {key} "
                    f"{named[key][position]}, which is not in {section}",
                    "add it there, or drop the annotation",
                )
                for key, positions, section in found
                for position in np.flatnonzero(positions < 0).tolist()
            ],
            str(self.path),
        )
        self._category_of, keys = categories, list(self.categories)
        self.used = {self.categories[keys[position]] for position in np.unique(categories)}
        self._of_images = np.argsort(images, kind="stable").astype(np.int32)
        self._first = np.searchsorted(images[self._of_images], np.arange(len(self.stems) + 1))

    def __len__(self) -> int:
        """The number of annotations."""
        return len(self._category_of)

    def image(self, position: int) -> dict:
        """The entry of an image; its `height` and `width` are whole numbers, 0 if the file does not state them."""
        with self._places.opened() as file:
            image = self._places.entry(file, "images", position)
        _separate(image, self._folder)
        image["height"], image["width"] = stated_size(image)
        return image

    def annotations(self, position: int) -> Iterator[dict]:
        """The annotations of the image at a position, in the file's order."""
        ids = list(self.categories)
        with self._places.opened() as file:
            for annotation in self._of_images[slice(*self._first[position : position + 2])].tolist():
                known = {"category_id": ids[self._category_of[annotation]]}
                yield self._places.entry(file, "annotations", annotation) | known


def _stem(file_name: str) -> str:
    return Path(file_name).with_suffix("").as_posix()


def _separate(image: Any, images: Path) -> None:
    """Mend an image's name, in place: Windows' separators, unless a file is called so, and a path elsewhere."""
    name = image.get("file_name") if isinstance(image, dict) else None
    if not isinstance(name, str):
        return
    if "\\" in name and not isfile(images / name):
        name = image["file_name"] = name.replace("\\", "/")
    if leaves_folder(name) or PureWindowsPath(name).is_absolute():  # as Label Studio's lead to its own disk
        image["file_name"] = next((tail for tail in tails(name) if isfile(images / tail)), name)


def _twice(path: Path, section: str, key: str) -> InputError:
    return InputError(f"{path}: two {section} have the id {json.loads(key)}", "give one of them another")


def stated_size(image: dict) -> tuple[int, int]:
    """The height and width of an image's entry, 0 and 0 where one is not stated: left out, null, 0 or no number."""
    sides = image.get("height") or 0, image.get("width") or 0
    return tuple(map(int, sides)) if all(isfinite(side) and side >= 1 for side in sides) else (0, 0)
