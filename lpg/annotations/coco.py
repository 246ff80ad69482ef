"""The layout of COCO: one JSON of instances, a folder of images."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from os.path import isfile
from pathlib import Path

import numpy as np
from pycocotools import mask as rle

from lpg.annotations.class_choice import choose_classes
from lpg.annotations.coco_entries import has_mask
from lpg.annotations.coco_file import Instances
from lpg.annotations.image_folder import tails, without_ending
from lpg.annotations.image_lists import read_lines
from lpg.annotations.reader import NO_MASKS
from lpg.annotations.texts import unreadable
from lpg.annotations.turned import around_turned, rotation_in
from lpg.classes import BACKGROUND, VOID, canonical
from lpg.errors import InputError
from lpg.photograph import Photograph, spellings
from lpg.pixels.rle import is_crowd, run_lengths

log = logging.getLogger(__name__)


class CocoAnnotations:
    """Boxes and masks of one instances file: polygons, compressed and uncompressed RLE, crowds, ids with gaps.

    Arguments:
        images: the folder of the photographs.
        annotations: the JSON file.
        split: a list of some of its images, one a line, with or without ending; all of them by default.
        keep, exclude: classes, or the name of a group of classes; VOC's spelling of a class is understood.
    """

    form = "sides"

    def __init__(
        self,
        *,
        images: str,
        annotations: str,
        split: str | None = None,
        keep: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        where: str = "dataset",
    ) -> None:
        self.images, self.annotations, self.list = Path(images), Path(annotations), split
        self._file = Instances(self.annotations, self.images)
        self._last: tuple[str | None, list[dict]] = None, []
        self._knows_crowds = _knows_crowds(self._file)
        self.class_names = choose_classes(_classes(self._file), keep, exclude, where, self._file.used)

    def names(self) -> Sequence[str]:
        """The images of the file, in its order, or of the list, in the list's."""
        if self.list is None:
            return self._file.stems
        listed = [self._listed(line) for line in read_lines(self.list)]
        for name in listed:
            if name not in self._file.stems:
                raise InputError(f"{self.list}: {self.annotations} has no image '{name}'", "mend the list")
        return listed

    def _listed(self, line: str) -> str:
        """The image that a line of the list names, with its ending or without."""
        name = Path(line).with_suffix("").as_posix() if Path(line).name else line
        position = self._file.stems.last(name)
        return line if position is None or self._file.image(position)["file_name"] != line else name

    def record(self, name: str) -> Photograph:
        """The boxes of the kept classes on one image."""
        image, items = self._file.image(self._file.stems.last(name)), self._annotations(name)
        annotations = [item for item in items if self._is_kept(item) and not self._is_crowd(item)]
        return Photograph(
            name=name,
            path=self._path(image),
            source=f"{self.annotations}, image {image['id']}",
            height=image["height"],
            width=image["width"],
            boxes=edges(annotations),
            class_ids=np.array([self._class_id(item) for item in annotations], dtype=np.uint8),
            id=image["id"],
            object_ids=[item["id"] for item in annotations],
            excluded=edges([item for item in items if not self._is_kept(item)]),
        )

    def _path(self, image: dict) -> Path:
        """Where the photograph is: `images/a.jpg` in `images` may be `a.jpg` there, as Label Studio's is.

        Or `a.JPG`, which is the same to the Windows that wrote the file.

        Raises:
            InputError: it may be another image's.
        """
        for name in (image["file_name"], *tails(image["file_name"])):
            spelled = (self.images / one for one in spellings(name))
            paths = (path.with_suffix(case(path.suffix)) for path in spelled for case in (str, str.upper, str.lower))
            if found := next(filter(isfile, paths), None):  # false of names that are too long, too
                self._check_only(name, image)
                return found
        return self.images / image["file_name"]

    def _check_only(self, name: str, image: dict) -> None:
        """Refuse a name without its first folders that may be another image's, too."""
        if name != image["file_name"] and self._called[without_ending(name)] > 1:
            raise unreadable(
                f"{self.annotations}, image {image['id']}: there is no '{image['file_name']}' in {self.images}, and "
                f"'{name}' there may be another image's",
                "name the folder in which its folders lie, or mend the file_name",
            )

    @cached_property
    def _called(self) -> Counter[str]:
        """The number of images by every name, and by every end of one."""
        return Counter(tail for stem in self._file.stems for tail in tails(stem))

    def _annotations(self, name: str) -> list[dict]:
        """The annotations of one image; those of the last are at hand, for boxes and masks are asked for in turn."""
        last, annotations = self._last
        if name != last:
            annotations = list(self._file.annotations(self._file.stems.last(name)))
            self._last = name, annotations
        return annotations

    def _kept(self, name: str) -> list[dict]:
        return [item for item in self._annotations(name) if self._is_kept(item)]

    def _is_kept(self, item: dict) -> bool:
        return self._file.categories[item["category_id"]] in self.class_names

    def _is_crowd(self, item: dict) -> bool:
        return self._knows_crowds and is_crowd(item)

    def _class_id(self, item: dict) -> int:
        return self.class_names.index(self._file.categories[item["category_id"]]) + 1

    def label_map(self, photograph: Photograph) -> np.ndarray:
        """Class ids, uint8 (H, W): smaller objects on top, crowd regions void, other classes background."""
        labels = np.zeros((photograph.height, photograph.width), dtype=np.uint8, order="F")  # as masks are decoded
        kept = [(item, self._mask(item, photograph)) for item in self._kept(photograph.name)]
        for item, mask in kept:
            if self._is_crowd(item):
                labels[rle.decode(mask).view(bool)] = VOID
        objects = [(item, mask) for item, mask in kept if not self._is_crowd(item)]
        for item, mask in sorted(objects, key=lambda pair: -int(rle.area(pair[1]))):
            labels[rle.decode(mask).view(bool)] = self._class_id(item)
        return np.ascontiguousarray(labels)

    def instance_masks(self, photograph: Photograph) -> Iterator[np.ndarray]:
        """One mask per box, uint8 (H, W), 1 on the object."""
        items = {item["id"]: item for item in self._kept(photograph.name)}
        masks = [self._mask(items[key], photograph) for key in photograph.object_ids]
        return map(rle.decode, masks)

    def _mask(self, item: dict, photograph: Photograph) -> dict:
        """The mask of an annotation, as run lengths of the whole photograph."""
        if not self._file.has_masks:
            raise InputError(
                f"{self.annotations} has boxes and no mask: the segmentation of every annotation is empty",
                NO_MASKS,
            )
        if not has_mask(item):
            raise unreadable(
                f"{photograph.source}: annotation {item['id']} has no mask",
                "add one, drop the annotation, or take the photograph out of the list whose masks a run learns",
            )
        try:
            mask = run_lengths(item["segmentation"], photograph.height, photograph.width)
        except Exception as error:  # pycocotools raises whatever its C code stumbles over
            raise unreadable(
                f"{photograph.source}: the mask of annotation {item['id']} is malformed ({error})", "mend or drop it"
            ) from None
        height, width = mask["size"]
        if (height, width) != (photograph.height, photograph.width):
            raise unreadable(
                f"{photograph.source}: the mask of annotation {item['id']} is {width}×{height} pixels "
                f"but its photograph is {photograph.width}×{photograph.height}",
                "mend it",
            )
        return mask


def _classes(file: Instances) -> list[str]:
    """The classes of a file, in the order of their ids; a background without annotations is none."""
    ordered = sorted(file.categories, key=lambda key: (isinstance(key, str), key))
    distinct = dict.fromkeys(file.categories[key] for key in ordered)  # two categories of one name are one class
    return [name for name in distinct if name in file.used or canonical(name) != BACKGROUND]


def _knows_crowds(file: Instances) -> bool:
    """Whether `iscrowd` says anything: CVAT writes 1 for whatever was painted with a brush."""
    if file.crowds and file.crowds == len(file):
        log.warning("%s: every annotation is iscrowd: 1, so each is taken for one object", file.path)
        return False
    if file.crowds:
        log.info(
            "%s: %d of %d annotations are iscrowd: 1: no objects, their masks are void",
            file.path, file.crowds, len(file),
        )  # fmt: skip
    return True


def edges(annotations: list[dict]) -> np.ndarray:
    """The edges x0 y0 x1 y1 of COCO's x y w h, float32 (N, 4); of a turned box without a mask, of the box around it."""
    boxes = np.array([item["bbox"] for item in annotations], dtype=np.float32).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    for box, item in zip(boxes, annotations, strict=True):
        if (degrees := rotation_in(item.get("attributes"))) and not has_mask(item):
            box[:] = around_turned(tuple(box.tolist()), degrees)
    return boxes
