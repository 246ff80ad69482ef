"""YOLO's text files, one a photograph: boxes, oriented boxes, polygons, poses; with data.yaml or classes.txt."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lpg.annotations.box_readings import FORMS
from lpg.annotations.entries import EntryAnnotations
from lpg.annotations.entry import Entry, Item
from lpg.annotations.filling import COCO, YOLO, Filling
from lpg.annotations.image_folder import ImageFolder, files_below
from lpg.annotations.outlines import bounds
from lpg.annotations.texts import is_number, number, read_text, unreadable
from lpg.annotations.yolo_classes import YoloTable, of_split, read_table
from lpg.annotations.yolo_files import LISTS, is_key, label_file
from lpg.errors import InputError

log = logging.getLogger(__name__)

FORM = "centre"
TOLERANCE = 0.01  # as ultralytics has it: rounding puts edges a little outside
CORNERS, TRIANGLE = 4, 3
SAME = 2e-6  # parts of a side that may be the same: they are written with six digits


def yolo_annotations(
    *,
    images: str,
    annotations: str,
    split: str | None = None,
    class_names: Sequence[str] | None = None,
    where: str = "dataset",
    **choice,
) -> EntryAnnotations:
    """The reader of a dataset.

    Arguments:
        images: the folder of the photographs; one without a label file, or with an empty one, has no objects.
        annotations: data.yaml, with labels/… beside images/…, or the folder of the label files.
        split: a key of data.yaml, such as `val`, or the path of a list that ends in .txt.
        class_names: the classes in the order of their numbers, where no file names them.
    """
    folder, place = ImageFolder(images), Path(annotations)
    if not place.exists():
        raise InputError(f"{place} does not exist", "give data.yaml or the folder of the label files")
    table = read_table(place, folder.root, class_names)
    labels = _label_files(folder, place)
    if is_key(split):
        chosen = of_split(table, split, folder.root, folder.paths)
        if not chosen:
            raise InputError(
                f"no photograph of {folder.root} is in the split '{split}' of {table.source}", "mend images"
            )
        labels, split = {path: labels[path] for path in chosen}, None
    entries = [_entry(path, label, table) for path, label in labels.items()]
    names = list(dict.fromkeys(table.classes.values()))
    entries, filling = _outlined(entries, where)
    return EntryAnnotations(folder, entries, names, split=split, where=where, filling=filling, form=FORM, **choice)


def _label_files(folder: ImageFolder, annotations: Path) -> dict[str, Path | None]:
    """The label file of every photograph, None where there is none."""
    found = {path: label_file(folder.root, path, annotations) for path in folder.paths}
    labelled = {label.resolve() for label in found.values() if label}
    if not labelled:
        raise InputError(
            f"no photograph of {folder.root} has a label file of its name, .txt: looked in {annotations} and in "
            "labels/ beside images/",
            "mend images or annotations",
        )
    if annotations.is_dir():
        others = [
            path for path in files_below(annotations, [".txt"]) if path.resolve() not in labelled and _is_label(path)
        ]
        if others:
            log.warning("%d label files have no photograph in %s, such as %s", len(others), folder.root, others[0])
    missing = sum(label is None for label in found.values())
    if missing:
        log.warning("%d of %d photographs have no label file: no objects on them", missing, len(found))
    return found


def _is_label(path: Path) -> bool:
    """Whether a text file among others looks like one: those of a README or a list do not count."""
    if path.name in LISTS:
        return False
    with path.open(errors="replace") as file:
        words = file.readline(10_000).split()
    return len(words) >= 5 and all(map(is_number, words[:5]))


def _entry(path: str, label: Path | None, table: YoloTable) -> Entry:
    try:
        lines = read_text(label).splitlines() if label else []
        items = [_item(line, table, f"{label}:{place}", place) for place, line in enumerate(lines, 1) if line.strip()]
    except InputError as problem:
        return Entry(path, str(label), relative=True, problem=problem)
    return Entry(path, str(label or "no label file"), items, relative=True)


def _item(line: str, table: YoloTable, source: str, place: int) -> Item:
    """One object; its id is the number of its line."""
    class_id, *values = (number(word, source) for word in line.split())
    if class_id < 0 or class_id % 1:
        raise unreadable(f"{source}: {class_id:g} is no number of a class", "mend it")
    if class_id not in table.classes:
        known = f"{min(table.classes)} to {max(table.classes)}"
        raise InputError(  # of all photographs: with a table that does not fit, the numbers that it has mean others
            f"{source}: class {class_id:g} has no name; {table.source} has {known}",
            "mend one of them; YOLO's numbers begin at 0",
        )
    name = table.classes[int(class_id)]
    if len(values) < 4:
        raise unreadable(f"{source}: {len(values) + 1} numbers, where a box has 5: class x y width height", "mend it")
    if len(values) == 5 and not table.keypoints and _may_be_angle(values[4]):
        raise unreadable(
            f"{source}: the sixth number, {values[4]:g}, is no confidence and no track, and angles are not read",
            "take it away; of a turned box write the one around it, or its four corners as a polygon",
        )
    if len(values) <= 5 or table.keypoints:
        return Item(name, FORMS[FORM].corners(*_parts(values[:4], source)), place)
    polygon = _parts(values[: len(values) // 2 * 2], source)  # a confidence may stand behind it
    return Item(name, bounds([polygon]), place, [polygon])


def _may_be_angle(sixth: float) -> bool:
    """Whether a number behind a box is below 0, where -1 is no track, or a fraction above 1."""
    return sixth < -1 or -1 < sixth < 0 or (sixth > 1 + TOLERANCE and sixth % 1 > 0)


def _parts(values: list[float], source: str) -> list[float]:
    for value in values:
        if not -TOLERANCE <= value <= 1 + TOLERANCE:
            raise unreadable(f"{source}: {value:g} is no part of width or height, which are from 0 to 1", "mend it")
    return values


def _outlined(entries: Sequence[Entry], where: str) -> tuple[Sequence[Entry], Filling]:
    """The entries, and how their outlines are filled. Where every one has four corners, these are of boxes.

    A box that is turned is no mask. One that is upright is its own, between its edges. Our exporter writes no four
    corners: it closes the ring of a mask that has as many.

    Raises:
        InputError: they are boxes with two points each, and nothing says so.
    """
    outlines = [polygon for entry in entries for item in entry.items for polygon in item.outline or ()]
    if outlines and all(len(outline) == 2 * TRIANGLE for outline in outlines):
        log.warning(
            "every outline is a triangle: where lines are `class x y width height confidence track`, boxes are wrong, "
            "and the last two numbers are to be taken away"
        )
    if not outlines or any(len(outline) != 2 * CORNERS for outline in outlines):
        return entries, YOLO
    if all(map(_is_upright, outlines)):
        log.info("every outline is an upright rectangle: its corners are taken for the edges of a box")
        return entries, COCO
    if all(map(_is_pose, outlines)) and not all(map(_is_parallelogram, outlines)):
        raise InputError(
            f"{where}: every line of 9 numbers is a box with two points in it, and not the corners of a rectangle",
            "write kpt_shape: [2, 2] in data.yaml, or the boxes alone",
        )
    log.info("oriented boxes: the boxes around them are taken")
    boxes = [replace(entry, items=[replace(item, outline=None) for item in entry.items]) for entry in entries]
    return boxes, YOLO


def _is_parallelogram(polygon: Sequence[float]) -> bool:
    """Whether four corners are about those of a rectangle: opposite sides are as long."""
    x, y = ((one[0] - one[1] + one[2] - one[3]) for one in (polygon[::2], polygon[1::2]))
    return max(abs(x), abs(y)) <= TOLERANCE


def _is_pose(polygon: Sequence[float]) -> bool:
    """Whether eight numbers may be a box, by its centre and its sides, and two points in it."""
    x, y, width, height, *points = polygon
    inside = all(
        abs(one - centre) <= side / 2 + TOLERANCE
        for centre, side, values in ((x, width, points[::2]), (y, height, points[1::2]))
        for one in values
    )
    edges = x - width / 2, y - height / 2, 1 - x - width / 2, 1 - y - height / 2
    return inside and min(edges) >= -TOLERANCE


def _is_upright(polygon: Sequence[float]) -> bool:
    """Whether each side of it runs along an axis."""
    xs, ys = polygon[::2], polygon[1::2]
    return all(min(abs(xs[at] - xs[at - 1]), abs(ys[at] - ys[at - 1])) < SAME for at in range(len(xs)))
