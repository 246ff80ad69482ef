"""The layout of COCO: one JSON of instances, a folder of images."""

import logging
from collections.abc import Iterator, Sequence
from os.path import isfile
from pathlib import Path

import numpy as np
from pycocotools import mask as rle

from lpg.annotations.coco_file import read_instances
from lpg.annotations.image_folder import tails
from lpg.annotations.image_lists import read_lines
from lpg.annotations.reader import NO_MASKS
from lpg.classes import BACKGROUND, VOID, canonical, choose_classes
from lpg.errors import InputError
from lpg.photograph import Photograph
from lpg.pixels.runs import run_lengths

log = logging.getLogger(__name__)


class CocoAnnotations:
    """Boxes and masks of one instances file: polygons, compressed and uncompressed RLE, crowds, ids with gaps.

    Arguments:
        images: the folder of the photographs.
        annotations: the JSON file.
        split: a list of some of its images, one a line, with or without ending; all of them by default.
        keep, exclude: classes, or the name of a group of classes; VOC's spelling of a class is understood.
    """

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
        content = read_instances(self.annotations, self.images)
        self._images = {_stem(image): image for image in content["images"]}
        self._listed = [_stem(image) for image in content["images"]]
        self._names = {item["id"]: item["name"] for item in content["categories"]}
        self._of_image: dict[int | str, list[dict]] = {image["id"]: [] for image in content["images"]}
        for item in content["annotations"]:
            self._of_image[item["image_id"]].append(item)
        self._has_masks = any(item.get("segmentation") for item in content["annotations"])
        self._knows_crowds = _knows_crowds(self.annotations, content["annotations"])
        available, used = _classes(self._names, content["annotations"])
        self.class_names = choose_classes(available, keep, exclude, where, used)

    def names(self) -> list[str]:
        """The images of the file, in its order, or of the list, in the list's."""
        if self.list is None:
            return self._listed
        names = {image["file_name"]: stem for stem, image in self._images.items()}
        listed = [names.get(line, line) for line in read_lines(self.list)]
        for name in listed:
            if name not in self._images:
                raise InputError(f"{self.list}: {self.annotations} has no image '{name}'", "mend the list")
        return listed

    def record(self, name: str) -> Photograph:
        """The boxes of the kept classes on one image."""
        image = self._images[name]
        annotations = [item for item in self._kept(image["id"]) if not self._is_crowd(item)]
        others = [item for item in self._of_image[image["id"]] if not self._is_kept(item)]
        return Photograph(
            name=_stem(image),
            path=self._path(image),
            source=f"{self.annotations}, image {image['id']}",
            height=image["height"],
            width=image["width"],
            boxes=_edges(annotations),
            class_ids=np.array([self._class_id(item) for item in annotations], dtype=np.uint8),
            id=image["id"],
            object_ids=[item["id"] for item in annotations],
            excluded=_edges(others),
        )

    def _path(self, image: dict) -> Path:
        """Where the photograph is: `images/a.jpg` in `images` may be `a.jpg` there, as Label Studio's is."""
        paths = [self.images / name for name in (image["file_name"], *tails(image["file_name"]))]
        return next((path for path in paths if isfile(path)), paths[0])  # false of names that are too long, too

    def _kept(self, image_id: int | str) -> list[dict]:
        return [item for item in self._of_image[image_id] if self._is_kept(item)]

    def _is_kept(self, item: dict) -> bool:
        return self._names[item["category_id"]] in self.class_names

    def _is_crowd(self, item: dict) -> bool:
        return self._knows_crowds and bool(item.get("iscrowd"))

    def _class_id(self, item: dict) -> int:
        return self.class_names.index(self._names[item["category_id"]]) + 1

    def label_map(self, photograph: Photograph) -> np.ndarray:
        """Class ids, uint8 (H, W): smaller objects on top, crowd regions void, other classes background."""
        labels = np.zeros((photograph.height, photograph.width), dtype=np.uint8, order="F")  # as masks are decoded
        kept = [(item, self._mask(item, photograph)) for item in self._kept(photograph.id)]
        for item, mask in kept:
            if self._is_crowd(item):
                labels[rle.decode(mask).view(bool)] = VOID
        objects = [(item, mask) for item, mask in kept if not self._is_crowd(item)]
        for item, mask in sorted(objects, key=lambda pair: -int(rle.area(pair[1]))):
            labels[rle.decode(mask).view(bool)] = self._class_id(item)
        return np.ascontiguousarray(labels)

    def instance_masks(self, photograph: Photograph) -> Iterator[np.ndarray]:
        """One mask per box, uint8 (H, W), 1 on the object."""
        items = {item["id"]: item for item in self._kept(photograph.id)}
        masks = [self._mask(items[key], photograph) for key in photograph.object_ids]
        return map(rle.decode, masks)

    def _mask(self, item: dict, photograph: Photograph) -> dict:
        """Run lengths of the whole photograph."""
        segmentation = item.get("segmentation")
        if not self._has_masks:
            raise InputError(
                f"{self.annotations} has boxes and no mask: the segmentation of every annotation is empty",
                NO_MASKS,
            )
        if not segmentation:
            raise InputError(
                f"{photograph.source}: annotation {item['id']} has no mask", "add one or drop the annotation"
            )
        try:
            mask = run_lengths(segmentation, photograph.height, photograph.width)
        except Exception as error:  # pycocotools raises whatever its C code stumbles over
            raise InputError(
                f"{photograph.source}: the mask of annotation {item['id']} is malformed ({error})", "mend or drop it"
            ) from None
        height, width = mask["size"]
        if (height, width) != (photograph.height, photograph.width):
            raise InputError(
                f"{photograph.source}: the mask of annotation {item['id']} is {width}×{height} pixels "
                f"but its photograph is {photograph.width}×{photograph.height}",
                "mend it",
                permission="skip_unreadable",
            )
        return mask


def _classes(names: dict[int | str, str], annotations: list[dict]) -> tuple[list[str], set[str]]:
    """The classes in the order of their ids, and those that have annotations; a background without any is none."""
    used = {names[item["category_id"]] for item in annotations}
    ordered = [names[key] for key in sorted(names, key=lambda key: (isinstance(key, str), key))]
    distinct = dict.fromkeys(ordered)  # two categories of one name are one class
    return [name for name in distinct if name in used or canonical(name) != BACKGROUND], used


def _knows_crowds(path: Path, annotations: list[dict]) -> bool:
    """Whether `iscrowd` says anything: CVAT writes 1 for whatever was painted with a brush."""
    crowds = sum(bool(item.get("iscrowd")) for item in annotations)
    if crowds and crowds == len(annotations):
        log.warning("%s: every annotation is iscrowd: 1, so each is taken for one object", path)
        return False
    if crowds:
        log.info(
            "%s: %d of %d annotations are iscrowd: 1: no objects, their masks are void", path, crowds, len(annotations)
        )
    return True


def _edges(annotations: list[dict]) -> np.ndarray:
    """x0 y0 x1 y1 of COCO's x y w h, float32 (N, 4)."""
    boxes = np.array([item["bbox"] for item in annotations], dtype=np.float32).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    return boxes


def _stem(image: dict) -> str:
    return Path(image["file_name"]).with_suffix("").as_posix()
