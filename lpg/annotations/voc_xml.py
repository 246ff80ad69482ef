"""VOC's XML, one file a photograph, in any folder, with the photographs in any other; boxes alone.

`lpg.annotations.voc` is the layout of VOC with its lists and masks.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element

from lpg.annotations.entries import Entry, EntryAnnotations, Item, check_declared, classes_of
from lpg.annotations.image_folder import ImageFolder, files_below
from lpg.annotations.texts import number, read_xml, size_of, unreadable
from lpg.errors import InputError

log = logging.getLogger(__name__)

EDGES = ("xmin", "ymin", "xmax", "ymax")


def voc_xml_annotations(
    *, images: str, annotations: str, class_names: Sequence[str] | None = None, **choice
) -> EntryAnnotations:
    """The reader of a dataset.

    Arguments:
        images: the folder of the photographs.
        annotations: the folder of the XML files, or one of them.
        class_names: the classes in the order of their ids; those of the files in the alphabet's by default.
    """
    folder, place = ImageFolder(images), Path(annotations)
    paths = [place] if place.is_file() else files_below(place, [".xml"])
    if not paths:
        raise InputError(f"{place} has no file that ends in .xml", "mend the path of the annotations")
    root = place.parent if place.is_file() else place
    entries = _from_zero([_entry(folder, path, path.relative_to(root)) for path in paths])
    check_declared(entries, class_names)
    return EntryAnnotations(folder, entries, classes_of(entries, class_names), **choice)


def _entry(folder: ImageFolder, path: Path, relative: Path) -> Entry:
    called = [relative.with_suffix("").as_posix()]
    try:
        root = read_xml(path)
        if root.tag != "annotation":
            raise unreadable(f"{path} is no annotation of VOC: its root is <{root.tag}>", "take it out of the folder")
        called += [name for name in [(root.findtext("filename") or "").strip()] if name]
        objects = enumerate(root.findall("object"), start=1)
        items = [_item(found, position, f"{path}, object {position}") for position, found in objects]
    except InputError as problem:
        return Entry(folder.place(*called, source=str(path)), str(path), problem=problem)
    size = size_of(root.findtext("size/height"), root.findtext("size/width"))
    return Entry(folder.place(*called, source=str(path)), str(path), items, size)


def _item(found: Element, position: int, source: str) -> Item:
    name = (found.findtext("name") or "").strip()
    if not name:
        raise unreadable(f"{source} has no name", "give it one")
    box = found.find("bndbox")
    if box is None:
        raise unreadable(f"{source} ({name}) has no bndbox: a turned box or a point", "draw an upright box")
    return Item(name, tuple(number(box.findtext(key), f"{source}, {key}") for key in EDGES), position)


def _from_zero(entries: list[Entry]) -> list[Entry]:
    """Edges from 0 on. VOC counts pixels from 1 and includes the last; many tools write edges as they are.

    An edge at 0 shows that the files do not count as VOC does, and so do edges between pixels, of which VOC has few.
    """
    boxes = [item.box for entry in entries for item in entry.items]
    between = sum(any(edge % 1 for edge in box) for box in boxes)
    if any(min(box[:2]) < 1 for box in boxes) or 2 * between > len(boxes):
        log.info("the boxes are edges from 0 on, and do not count pixels from 1 as VOC's do")
        return entries
    return [replace(entry, items=[_shifted(item) for item in entry.items]) for entry in entries]


def _shifted(item: Item) -> Item:
    x0, y0, x1, y1 = item.box
    return replace(item, box=(x0 - 1, y0 - 1, x1, y1))
