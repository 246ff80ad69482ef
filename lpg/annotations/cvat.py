"""CVAT's own XML, `CVAT for images 1.1`: boxes, polygons, ellipses and masks."""

import logging
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from lpg.annotations.entries import EntryAnnotations
from lpg.annotations.entry import Entry, Item, check_declared, classes_of
from lpg.annotations.image_folder import ImageFolder
from lpg.annotations.outlines import Crop, Outline, bounds, ellipse
from lpg.annotations.texts import number, read_xml, size_of, unreadable, whole
from lpg.annotations.turned import around_turned
from lpg.errors import InputError

log = logging.getLogger(__name__)

LARGEST_CROP = 1 << 28  # pixels
NO_BOXES = ("polyline", "points", "cuboid", "skeleton")


def cvat_annotations(
    *, images: str, annotations: str, class_names: Sequence[str] | None = None, **choice
) -> EntryAnnotations:
    """The reader of a dataset.

    Arguments:
        images: the folder of the photographs.
        annotations: annotations.xml.
        class_names: the classes in the order of their ids; the labels of the file in its order by default.
    """
    folder, path = ImageFolder(images), Path(annotations)
    root = read_xml(path)
    if root.tag != "annotations":
        raise InputError(f"{path} is no export of CVAT: its root is <{root.tag}>", "export `CVAT for images 1.1`")
    if root.find("track") is not None:
        raise InputError(f"{path} is of a video, with tracks", "export `CVAT for images 1.1` instead")
    entries = [_entry(folder, path, image) for image in root.findall("image")]
    left_out = Counter(shape.tag for image in root.findall("image") for shape in image if shape.tag in NO_BOXES)
    for kind, count in left_out.items():
        log.warning("%s: %d × %s, which has no box: left out", path, count, kind)
    check_declared(entries, class_names)
    return EntryAnnotations(folder, entries, classes_of(entries, class_names or _labels(root)), **choice)


def _labels(root: Element) -> list[str]:
    """The labels of the task or project, without those of a skeleton's joints, which have a parent."""
    labels = [label for meta in root.findall("meta") for label in meta.iter("label") if label.find("parent") is None]
    return [name.strip() for label in labels if (name := label.findtext("name"))]


def _entry(folder: ImageFolder, path: Path, image: Element) -> Entry:
    key, name = image.get("id", ""), image.get("name") or ""
    source = f"{path}, image {key}"
    if not name:
        raise InputError(f"{source} has no name", "mend the file")
    called = [f"{image.get('subset')}/{name}", name] if image.get("subset") else [name]
    photograph = folder.place(*called, source=source)
    size = size_of(image.get("height"), image.get("width"))
    own_id = key if whole(key) is None else whole(key)
    try:
        items = [item for place, shape in enumerate(image, 1) if (item := _item(shape, place, source))]
    except InputError as problem:
        return Entry(photograph, source, id=own_id, problem=problem)
    return Entry(photograph, source, items, size, own_id)


def _item(shape: Element, position: int, image: str) -> Item | None:
    """One object, whose id is its place among the image's shapes; None for what is no object's box."""
    if shape.tag not in OUTLINES:
        return None
    source = f"{image}, shape {position}"
    label = (shape.get("label") or "").strip()
    if not label:
        raise unreadable(f"{source} has no label", "mend the file")
    box, outline = OUTLINES[shape.tag](shape, source)
    return Item(label, box, position, outline)


def _box(shape: Element, source: str) -> tuple[tuple, None]:
    """A box as it stands, or the one around a turned one."""
    edges = tuple(_numbers(shape, ("xtl", "ytl", "xbr", "ybr"), source))
    return around_turned(edges, number(shape.get("rotation", 0), source)), None


def _polygon(shape: Element, source: str) -> tuple[tuple, Outline]:
    pairs = [pair.split(",") for pair in (shape.get("points") or "").split(";") if pair.strip()]
    if len(pairs) < 3 or any(len(pair) != 2 for pair in pairs):
        raise unreadable(f"{source}: a polygon of {len(pairs)} points", "mend or drop it")
    outline = [number(value, source) for pair in pairs for value in pair]
    return bounds([outline]), [outline]


def _ellipse(shape: Element, source: str) -> tuple[tuple, Outline]:
    x, y, across, down = _numbers(shape, ("cx", "cy", "rx", "ry"), source)
    outline = ellipse(x, y, across, down, number(shape.get("rotation", 0), source))
    return bounds([outline]), [outline]


def _mask(shape: Element, source: str) -> tuple[tuple, Outline]:
    """The box and the crop of a mask: CVAT writes runs of the crop's rows, of what is outside the object first."""
    left, top, width, height = (int(value) for value in _numbers(shape, ("left", "top", "width", "height"), source))
    runs = [whole(run) for run in (shape.get("rle") or "").split(",")]
    if None in runs or min(width, height) < 1 or not sum(runs) == width * height <= LARGEST_CROP:
        raise unreadable(f"{source}: its runs do not fill its size of {width}×{height} pixels", "mend or drop it")
    inside = np.arange(len(runs), dtype=np.uint32) % 2 == 1
    crop = Crop.of(np.repeat(inside, runs).reshape(height, width), left, top)
    return crop.box, [crop]


OUTLINES = {"box": _box, "polygon": _polygon, "ellipse": _ellipse, "mask": _mask}


def _numbers(shape: Element, keys: Sequence[str], source: str) -> list[float]:
    for key in keys:
        if shape.get(key) is None:
            raise unreadable(f"{source}: the {shape.tag} has no {key}", "mend the file")
    return [number(shape.get(key), source) for key in keys]
