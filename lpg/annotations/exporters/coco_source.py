"""A COCO file that boxes came from, into which masks are put back, once it is seen to be of the same objects."""

import logging
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

import numpy as np

from lpg.annotations.coco import edges
from lpg.annotations.coco_entries import has_mask
from lpg.annotations.coco_file import stated_size
from lpg.annotations.exporters.annotated import Annotated
from lpg.annotations.image_lists import leaves_folder
from lpg.annotations.texts import read_json
from lpg.annotations.turned import settle_turned
from lpg.classes import canonical
from lpg.errors import InputError
from lpg.pixels.rle import LARGEST, is_crowd, run_lengths

log = logging.getLogger(__name__)

NEAR = 0.1  # of a pixel: boxes are the same that a tool has rounded when it saved them again
REMEDY = "put the old file back, or make the masks again with the same lpg masks"


class CocoSource:
    """An instances file, in whose objects one may write.

    It is no matter how it is laid out, and what it says of other objects and in other fields may be new.

    Arguments:
        path: the file.
        classes: the class table of the photographs that it is asked about, background first.

    Attributes:
        content: all that it says.

    Raises:
        InputError: it is no such file any more.
    """

    def __init__(self, path: Path, classes: Sequence[str]) -> None:
        self.path, self._classes, self._sizes = path, classes, {}
        try:
            self.content = read_json(path)
            self._objects = {str(item["id"]): item for item in self.content["annotations"]}
            self._times = Counter(str(item["id"]) for item in self.content["annotations"])
            self._images = {str(image["id"]): image for image in self.content["images"]}
            self._names = {str(one["id"]): one["name"] for one in self.content["categories"]}
            self._knows_crowds = not all(is_crowd(item) for item in self.content["annotations"])
        except InputError as error:  # there is no going on without it
            raise InputError(error.fault, REMEDY) from None
        except (AttributeError, KeyError, TypeError) as error:
            raise InputError(f"{path} is no COCO file any more (an entry lacks {error})", REMEDY) from None

    def objects(self, annotated: Annotated) -> list[dict]:
        """The entries of a photograph's boxes, in their order.

        Raises:
            InputError: one is gone, or is another object now: of another photograph, size, class or box.
        """
        image = annotated.image
        for index, key in enumerate(image.object_ids):
            try:
                changed = self._changed(annotated, index)
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                changed = f"cannot be read ({type(error).__name__}: {error})"
            if changed:
                name = self._classes[image.class_ids[index]]
                raise InputError(
                    f"{self.path} has changed since its boxes were read: object {key}, a {name} of {image.name}, "
                    f"{changed}",
                    REMEDY,
                )
        items = [self._objects[str(key)] for key in image.object_ids]
        self._sizes |= {str(item["image_id"]): (image.height, image.width) for item in items}
        return items

    def give_empty_masks(self) -> None:
        """Give empty masks to objects without one, as large as their photograph if known: readers stumble over none."""
        annotations = self.content["annotations"]
        lacking = [item for item in annotations if not has_mask(item)]
        for item in lacking:
            size = self._size(item)
            settle_turned(item, edges([item])[0].astype(float).tolist())
            item |= {"segmentation": _no_pixels(*size), "area": 0.0} if size else {"segmentation": []}
        if lacking:
            unknown = sum(not item["segmentation"] for item in lacking)
            told = f", but for {unknown} on photographs of unknown size" if unknown else ""
            log.info("%d of %d objects have no mask: theirs is empty%s", len(lacking), len(annotations), told)

    def _size(self, item: dict) -> tuple[int, int] | None:
        """Height and width of the photograph of an object, as it was read or as the file has it."""
        key = str(item.get("image_id"))
        try:
            size = self._sizes.get(key) or stated_size(self._images[key])
            return size if 0 < math.prod(size) <= LARGEST else None
        except (AttributeError, KeyError, TypeError, ValueError):  # what nobody has asked about may be anything
            return None

    def _changed(self, annotated: Annotated, index: int) -> str:
        """What tells that the entry with the id of a box is of another object; nothing if nothing does."""
        image, item = annotated.image, self._objects.get(str(annotated.image.object_ids[index]))
        if item is None:
            return "is gone"
        if self._times[str(item["id"])] > 1:
            return "shares its id with another"
        place, own_class = self._images.get(str(item["image_id"]), {}), self._names.get(str(item["category_id"]), "")
        if not _is_called(place.get("file_name", ""), image.name):
            return f"is on {place.get('file_name', 'no photograph')} there"
        height, width = stated_size(place)
        if (height, width) not in ((0, 0), (image.height, image.width)):
            return (
                f"is on a photograph of {width}×{height} pixels there, and was on one of {image.width}×{image.height}"
            )
        if canonical(own_class) != canonical(self._classes[image.class_ids[index]]):
            return f"is a {own_class} there"
        if self._knows_crowds and is_crowd(item):
            return "is a crowd there"
        sides = np.array([image.width, image.height] * 2, dtype=np.float32)
        near = np.abs(np.clip(edges([item])[0], 0, sides) - image.boxes[index]) < NEAR
        return "" if near.all() else f"has the box {item['bbox']} there"


def _no_pixels(height: int, width: int) -> dict:
    runs = run_lengths({"size": [height, width], "counts": [height * width]}, height, width)
    return {"size": runs["size"], "counts": runs["counts"].decode()}


def _is_called(file_name: str, name: str) -> bool:
    """Whether a file is the photograph of a name: without its ending, and without folders that lead elsewhere."""
    path = file_name.replace("\\", "/")
    stem = PurePosixPath(path).with_suffix("").parts if PurePosixPath(path).name else ()
    wanted = PurePosixPath(name.replace("\\", "/")).parts
    leads_out = leaves_folder(path) or PureWindowsPath(path).is_absolute()
    return (stem[-len(wanted) :] if leads_out else stem) == wanted
