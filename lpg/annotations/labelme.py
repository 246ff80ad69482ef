"""Labelme's JSON, one file a photograph: rectangles, and outlines with the boxes around them."""

import base64
import io
import logging
from collections.abc import Sequence
from math import dist
from os.path import normpath
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from PIL import Image

from lpg.annotations.entries import EntryAnnotations
from lpg.annotations.entry import Entry, Item, check_declared, classes_of
from lpg.annotations.filling import LABELME
from lpg.annotations.image_folder import ImageFolder, files_below, tails
from lpg.annotations.outlines import Crop, Outline, bounds, ellipse
from lpg.annotations.texts import number, read_json, size_of, unreadable
from lpg.errors import InputError

log = logging.getLogger(__name__)

BOXES = ("rectangle", "oriented_rectangle", "rotation")  # X-AnyLabeling turns its rectangles by `rotation`
NO_BOXES = ("point", "points", "line", "linestrip")


def labelme_annotations(
    *, images: str, annotations: str, class_names: Sequence[str] | None = None, **choice
) -> EntryAnnotations:
    """The reader of a dataset.

    Arguments:
        images: the folder of the photographs.
        annotations: the folder of the JSON files, or one of them.
        class_names: the classes in the order of their ids; the labels in the alphabet's by default.
    """
    folder, place = ImageFolder(images), Path(annotations)
    paths = [place] if place.is_file() else files_below(place, [".json"])
    if not paths:
        raise InputError(f"{place} has no file that ends in .json", "mend the path of the annotations")
    root = place.parent if place.is_file() else place
    entries = [_entry(folder, path, path.relative_to(root)) for path in paths]
    check_declared(entries, class_names)
    return EntryAnnotations(folder, entries, classes_of(entries, class_names), filling=LABELME, **choice)


def _entry(folder: ImageFolder, path: Path, relative: Path) -> Entry:
    called = relative.with_suffix("").as_posix()
    try:
        content = read_json(path)
        if not isinstance(content, dict) or not isinstance(content.get("shapes"), list):
            raise unreadable(
                f"{path} has no list of shapes: it is not labelme's", "take it out of the folder or mend it"
            )
        image = str(content.get("imagePath") or called).replace("\\", "/")
        beside = (relative.parent / PurePosixPath(image).name).as_posix()
        called = _from_here(folder, path, image) or next(
            (tail for tail in tails(image) if "/" in tail and folder.has(tail)), beside
        )
        size = size_of(content.get("imageHeight"), content.get("imageWidth"))
        items = _items(content["shapes"], str(path))
    except InputError as problem:
        return Entry(folder.place(called, source=str(path)), str(path), problem=problem)
    return Entry(folder.place(called, image, source=str(path)), str(path), items, size)


def _from_here(folder: ImageFolder, path: Path, image: str) -> str | None:
    """The photograph to which the path in a JSON file leads from there, as labelme means it."""
    place, root = Path(normpath(path.parent.resolve() / image)), folder.root.resolve()
    called = place.relative_to(root).as_posix() if place.is_relative_to(root) else ""
    return called if folder.has(called) else None


def _items(shapes: list, source: str) -> list[Item]:
    """The objects; shapes of one label and group are parts of one, whose number is that of its first part."""
    parts: dict[Any, list[tuple]] = {}
    for position, shape in enumerate(shapes, start=1):
        place = f"{source}, shape {position}"
        if not isinstance(shape, dict) or not isinstance(shape.get("label"), str) or not shape["label"].strip():
            raise unreadable(f"{place} has no label", "give it one")
        if shape.get("shape_type") in NO_BOXES:
            log.warning("%s is a %s, which has no box: left out", place, shape["shape_type"])
            continue
        label, group = shape["label"].strip(), shape.get("group_id")
        key = position if group is None else (label, str(group))
        parts.setdefault(key, []).append((position, label, *_outline(shape, place)))
    return [_joined(own, source) for own in parts.values()]


def _joined(parts: list[tuple], source: str) -> Item:
    """The object that shapes make up, which has a mask if each of them has an outline."""
    position, label, *_ = parts[0]
    boxes, outlines = [part[2] for part in parts], [part[3] for part in parts]
    if len(parts) > 1 and not any(outlines):
        numbers = ", ".join(str(part[0]) for part in parts)
        log.warning("%s: the rectangles %s have one label and one group_id: taken for one object", source, numbers)
    outlined = all(outline is not None for outline in outlines)
    return Item(label, bounds(boxes), position, [one for own in outlines for one in own] if outlined else None)


def _outline(shape: dict, source: str) -> tuple[tuple, Outline | None]:
    """The box of a shape, and its outline if it has one."""
    points, kind = _points(shape.get("points"), source), str(shape.get("shape_type") or "polygon")
    flat = [value for point in points for value in point]
    least = {"rectangle": 2, "circle": 2, "mask": 2, "rotation": 4, "oriented_rectangle": 4, "polygon": 3}
    if len(points) < least.get(kind, 1):
        raise unreadable(f"{source}: a {kind} of {len(points)} points", "mend or drop it")
    if kind in BOXES:
        return bounds([flat]), None
    if kind == "circle":
        (x, y), edge = points[0], dist(*points[:2])
        return (x - edge, y - edge, x + edge, y + edge), [ellipse(x, y, edge, edge)]
    if kind == "mask":
        return _mask(shape.get("mask"), points[0], source)
    if kind == "polygon":
        return bounds([flat]), [flat]
    raise unreadable(f"{source}: the shape '{kind[:40]}' is not known", "make it a rectangle or a polygon")


def _points(points: Any, source: str) -> list[list[float]]:
    if not isinstance(points, list) or not points or not all(isinstance(one, list) and len(one) == 2 for one in points):
        raise unreadable(f"{source} has no points", "mend or drop it")
    return [[number(value, source) for value in point] for point in points]


def _mask(text: Any, corner: list[float], source: str) -> tuple[tuple, Outline]:
    """The box and the crop of a mask, which is a PNG of the pixels from the corner on."""
    try:
        pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(text)), formats=("PNG",)).convert("L")) != 0
    except Exception:  # Pillow raises whatever the bytes of a broken picture lead it to
        raise unreadable(f"{source}: its mask is no image", "mend or drop it") from None
    crop = Crop.of(pixels, *corner)
    return crop.box, [crop]
