"""VOC's XML, one file a photograph, in any folder, with the photographs in any other; boxes alone.

`lpg.annotations.voc` is the layout of VOC with its lists and masks.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

from lpg.annotations.entries import EntryAnnotations
from lpg.annotations.entry import Entry, Item, check_declared, classes_of
from lpg.annotations.image_folder import ImageFolder, files_below, without_ending
from lpg.annotations.texts import LARGEST, read_xml, unreadable
from lpg.annotations.voc_file import read_annotation
from lpg.errors import InputError

log = logging.getLogger(__name__)


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
    others: list[tuple[Path, str]] = []
    entries = [_entry(folder, path, path.relative_to(root).with_suffix("").as_posix(), others) for path in paths]
    if others:
        log.warning(
            "%d files name other photographs than they are called as, which counts: %s has %s", len(others), *others[0]
        )
    check_declared(entries, class_names)
    return EntryAnnotations(folder, entries, classes_of(entries, class_names), **choice)


def _entry(folder: ImageFolder, path: Path, called: str, others: list[tuple[Path, str]]) -> Entry:
    """A photograph is called as its file, or as it says itself; `others` takes files that say another one is."""
    try:
        root = read_xml(path)
        if root.tag != "annotation":
            raise unreadable(f"{path} is no annotation of VOC: its root is <{root.tag}>", "take it out of the folder")
        named = (root.findtext("filename") or "").strip()
        photograph = _place(folder, called, named, str(path))
        if folder.has(named) and without_ending(named) != without_ending(photograph):
            others.append((path, named))
    except InputError as problem:
        return Entry(folder.place(called, source=str(path)), str(path), problem=problem)
    try:
        height, width, objects = read_annotation(path)
        items = [Item(name, tuple(edges), place) for place, (name, edges) in enumerate(objects, start=1)]
        _check_edges(path, items)
    except InputError as problem:
        return Entry(photograph, str(path), problem=problem)
    return Entry(photograph, str(path), items, (height, width) if height else None)


def _place(folder: ImageFolder, called: str, named: str, source: str) -> str:
    """The photograph that a file is called as; where that may be several, the one that it names."""
    try:
        return folder.place(called, named or called, source=source)
    except InputError:
        if not named:
            raise
        return folder.place(named, source=source)


def _check_edges(path: Path, items: list[Item]) -> None:
    for item in items:
        if not all(abs(edge) <= LARGEST for edge in item.box):
            raise unreadable(f"{path}: object {item.id} ({item.class_name}) has an edge out of the world", "mend it")
