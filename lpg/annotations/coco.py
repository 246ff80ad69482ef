"""The layout of COCO: one JSON of instances, a folder of images."""

import contextlib
import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pycocotools.coco import COCO

from lpg.annotations.image_lists import leaves_folder, read_lines
from lpg.classes import BACKGROUND, VOID, choose_classes
from lpg.errors import InputError
from lpg.photograph import Photograph

REQUIRED = {
    "images": ("id", "file_name", "height", "width"),
    "annotations": ("id", "image_id", "category_id", "bbox"),
    "categories": ("id", "name"),
}


def _is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_id(value) -> bool:
    return isinstance(value, int | str)


# What a value must be, wherever its key stands.
FITS = {
    "bbox": lambda value: isinstance(value, list) and len(value) == 4 and all(map(_is_number, value)),
    "height": _is_number,
    "width": _is_number,
    "file_name": lambda value: isinstance(value, str) and not leaves_folder(value),
    "id": _is_id,
    "image_id": _is_id,
    "category_id": _is_id,
    "name": lambda value: isinstance(value, str) and value != BACKGROUND,
}


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
        self._coco = _load(self.annotations)
        self._images = {_stem(image): image for image in self._coco.imgs.values()}
        self._names = {key: category["name"] for key, category in self._coco.cats.items()}
        available = [self._names[key] for key in sorted(self._names)]
        self.class_names = choose_classes(available, keep, exclude, where)

    def names(self) -> list[str]:
        """The images of the file, in its order, or of the list, in the list's."""
        if self.list is None:
            return [_stem(image) for image in self._coco.imgs.values()]
        names = {image["file_name"]: stem for stem, image in self._images.items()}
        listed = [names.get(line, line) for line in read_lines(self.list)]
        for name in listed:
            if name not in self._images:
                raise InputError(f"{self.list}: {self.annotations} has no image '{name}'", "mend the list")
        return listed

    def record(self, name: str) -> Photograph:
        """The boxes of the kept classes on one image."""
        image = self._images[name]
        annotations = [item for item in self._kept(image["id"]) if not item.get("iscrowd", 0)]
        others = [item for item in self._coco.imgToAnns[image["id"]] if not self._is_kept(item)]
        return Photograph(
            name=_stem(image),
            path=self.images / image["file_name"],
            source=f"{self.annotations}, image {image['id']}",
            height=int(image["height"]),
            width=int(image["width"]),
            boxes=_edges(annotations),
            class_ids=np.array([self._class_id(item) for item in annotations], dtype=np.uint8),
            id=image["id"],
            object_ids=[item["id"] for item in annotations],
            excluded=_edges(others),
        )

    def _kept(self, image_id: int) -> list[dict]:
        return [item for item in self._coco.imgToAnns[image_id] if self._is_kept(item)]

    def _is_kept(self, item: dict) -> bool:
        return self._names[item["category_id"]] in self.class_names

    def _class_id(self, item: dict) -> int:
        return self.class_names.index(self._names[item["category_id"]]) + 1

    def label_map(self, photograph: Photograph) -> np.ndarray:
        """Class ids, uint8 (H, W): smaller objects on top, crowd regions void, other classes background."""
        labels = np.zeros((photograph.height, photograph.width), dtype=np.uint8)
        kept = [(item, self._mask(item, photograph)) for item in self._kept(photograph.id)]
        for item, mask in kept:
            if item.get("iscrowd", 0):
                labels[mask > 0] = VOID
        objects = [(item, mask) for item, mask in kept if not item.get("iscrowd", 0)]
        for item, mask in sorted(objects, key=lambda pair: -int(pair[1].sum())):
            labels[mask > 0] = self._class_id(item)
        return labels

    def instance_masks(self, photograph: Photograph) -> list[np.ndarray]:
        """One mask per box, uint8 (H, W), 1 on the object."""
        return [self._mask(self._coco.anns[key], photograph) for key in photograph.object_ids]

    def _mask(self, item: dict, photograph: Photograph) -> np.ndarray:
        segmentation = item.get("segmentation")
        if not segmentation:
            raise InputError(
                f"{photograph.source}: annotation {item['id']} has no mask", "add one or drop the annotation"
            )
        try:
            _check_runs(segmentation)
            mask = self._coco.annToMask(item)
        except Exception as error:  # pycocotools raises whatever its C code stumbles over
            raise InputError(
                f"{photograph.source}: the mask of annotation {item['id']} is malformed ({error})", "mend or drop it"
            ) from None
        if mask.shape != (photograph.height, photograph.width):
            raise InputError(
                f"{photograph.source}: the mask of annotation {item['id']} is {mask.shape[1]}×{mask.shape[0]} pixels "
                f"but its photograph is {photograph.width}×{photograph.height}",
                "mend it",
                permission="skip_unreadable",
            )
        return mask


def _edges(annotations: list[dict]) -> np.ndarray:
    """x0 y0 x1 y1 of COCO's x y w h, float32 (N, 4)."""
    boxes = np.array([item["bbox"] for item in annotations], dtype=np.float32).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    return boxes


def _stem(image: dict) -> str:
    return Path(image["file_name"]).with_suffix("").as_posix()


def _check_runs(segmentation: list | dict) -> None:
    """Refuse an RLE whose runs do not fill its size: pycocotools leaves the last pixels to chance."""
    if isinstance(segmentation, dict):
        counts = segmentation["counts"]
        runs = counts if isinstance(counts, list) else _compressed_runs(counts)
        if sum(runs) != np.prod(segmentation["size"]):
            raise ValueError(f"its runs cover {sum(runs)} pixels, its size is {segmentation['size']}")


def _compressed_runs(counts: str | bytes) -> list[int]:
    """The run lengths behind COCO's compressed RLE: five bits a character, each run less the last but one."""
    text = counts.encode() if isinstance(counts, str) else counts
    runs: list[int] = []
    value = shift = 0
    for character in text:
        bits = character - 48
        value |= (bits & 0x1F) << shift
        shift += 5
        if not bits & 0x20:
            value -= (bits & 0x10) and 1 << shift
            runs.append(value + (runs[-2] if len(runs) > 2 else 0))
            value = shift = 0
    if shift:
        raise ValueError("its counts end in the middle of a run")
    return runs


def _check_items(path: Path, section: str, items: list[dict], keys: tuple[str, ...]) -> None:
    if not isinstance(items, list):
        raise InputError(
            f"{path}: '{section}' is no list", "COCO's instances are lists of images, annotations, categories"
        )
    seen = set()
    for position, item in enumerate(items):
        if not isinstance(item, dict):
            raise InputError(f"{path}: {section}[{position}] is {item!r} and no object", "mend it or drop the entry")
        for key in keys:
            if key not in item:
                raise InputError(f"{path}: {section}[{position}] has no '{key}'", "add it or drop the entry")
        for key in (key for key in keys if key in FITS):
            if not FITS[key](item[key]):
                raise InputError(
                    f"{path}: {section}[{position}] has the {key} {item[key]!r}", "mend it or drop the entry"
                )
        if item["id"] in seen:
            raise InputError(f"{path}: two {section} have the id {item['id']}", "give one of them another")
        seen.add(item["id"])


def _load(path: Path) -> COCO:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"{path}: cannot read the annotations ({error.strerror})", "mend the path") from None
    except ValueError as error:
        raise InputError(f"{path} is not valid JSON ({error})", "mend or restore the file") from None
    if not isinstance(content, dict):
        raise InputError(f"{path} holds no object", "a COCO instances file has images, annotations, categories")
    missing = [key for key in REQUIRED if key not in content]
    if missing:
        raise InputError(f"{path} has no '{missing[0]}': a COCO instances file has images, annotations, categories")
    for section, keys in REQUIRED.items():
        _check_items(path, section, content[section], keys)
    images, categories = ({item["id"] for item in content[key]} for key in ("images", "categories"))
    for item in content["annotations"]:
        if item["image_id"] not in images or item["category_id"] not in categories:
            raise InputError(
                f"{path}: annotation {item['id']} names an image or a category that the file lacks", "drop it"
            )
    coco = COCO()
    coco.dataset = content
    with contextlib.redirect_stdout(io.StringIO()):
        coco.createIndex()
    return coco
