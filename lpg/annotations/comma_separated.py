"""Boxes in a table, one a line: Open Images', TensorFlow's and Roboflow's, keras-retinanet's, and their like."""

import csv
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from lpg.annotations.csv_columns import HEADERLESS, Columns, class_descriptions, columns_of, is_headerless, separated
from lpg.annotations.entries import EntryAnnotations
from lpg.annotations.entry import Entry, Item, check_declared, classes_of
from lpg.annotations.image_folder import ImageFolder
from lpg.annotations.texts import is_number, number, read_text, size_of, unreadable
from lpg.errors import InputError

log = logging.getLogger(__name__)

WHOLE = 1.01  # the largest part of a width or height, but for rounding
Row = tuple[int, list[str]]  # number of the line, cells


def csv_annotations(
    *, images: str, annotations: str, class_names: Sequence[str] | None = None, **choice
) -> EntryAnnotations:
    """The reader of a dataset.

    Arguments:
        images: the folder of the photographs.
        annotations: the table, with a header or without (`path,x1,y1,x2,y2,class`); separated by , ; or tabs.
        class_names: the classes in the order of their ids; those of the file in the alphabet's by default.
    """
    folder, path = ImageFolder(images), Path(annotations)
    columns, rows = read_table(path)
    _refuse_parts(path, columns, rows)
    photographs: dict[str, list[Row]] = {}
    for row in rows:
        photographs.setdefault(row[1][columns.image].strip(), []).append(row)
    translated = _display_names(path) if columns.open_images else {}
    entries = [_entry(folder, path, columns, called, own, translated) for called, own in photographs.items()]
    entries = _in_one_unit(entries, path, columns)
    if columns.open_images:
        entries = _present(entries, folder, path)
    check_declared(entries, class_names)
    return EntryAnnotations(folder, entries, classes_of(entries, class_names), form=columns.form, **choice)


def read_table(path: Path) -> tuple[Columns, list[Row]]:
    """Which column is what, and the rows that are not blank."""
    rows = list(_rows(path))
    if not rows:
        raise InputError(f"{path} is empty", "mend the path")
    (line, first), *others = rows
    if is_headerless(first):
        columns, others = HEADERLESS, rows
    else:
        columns = columns_of(first, f"{path}:{line}")
    for line, cells in others:
        if len(cells) < columns.least:
            raise InputError(f"{path}:{line}: {len(cells)} cells, {columns.least} are wanted", "mend the line")
    return _without_sides(_of_names(path, columns, others), others), others


def _without_sides(columns: Columns, rows: list[Row]) -> Columns:
    """The columns without width and height, where these are the box's own, beside its corners, and no photograph's."""
    if columns.form not in ("corners", "around") or columns.size is None:
        return columns
    own = _of_objects(columns, rows)
    for cells in own:
        numbers = [cells[place] for place in (*columns.numbers, *columns.size)]
        if not all(map(is_number, numbers)):
            return columns
        *edges, height, width = map(float, numbers)
        x0, y0, x1, y1 = columns.edges(edges)
        if abs(x1 - x0 - width) > 1 or abs(y1 - y0 - height) > 1:
            return columns
    return replace(columns, size=None) if own else columns


def _of_objects(columns: Columns, rows: list[Row]) -> list[list[str]]:
    """The cells of the rows that have an object."""
    return [cells for _, cells in rows if not columns.is_blank(cells)]


def _of_names(path: Path, columns: Columns, rows: list[Row]) -> Columns:
    """The columns, with the name of a class in place of its number where a table of detections has both.

    pandas writes numbers as 64.0 where one of them is missing, as in the row of a photograph without objects.

    Raises:
        InputError: several columns name classes, and not the same.
    """
    own = [cells for cells in _of_objects(columns, rows) if all(len(cells) > place for place, _ in columns.names)]
    said = {place: [cells[place].strip() for cells in own] for place, _ in columns.names}
    photographs = [cells[columns.image].strip() for cells in own]
    classes, called = said.get(columns.class_name, []), dict(columns.names)
    numbered = any(classes) and _are_numbers(classes)
    for place, texts in said.items():
        if place == columns.class_name or _are_numbers(texts) or texts == photographs:
            continue
        split = _split(classes, texts)
        if numbered and not split:
            log.info("%s: classes are called as the column %s has them", path, called[place])
            return replace(columns, class_name=place)
        first = called[columns.class_name]
        if numbered:
            log.warning(
                "%s: %s %s has several names in %s, which is not taken for its own", path, first, split, called[place]
            )
        elif split and called[place].lower() != "name":
            raise InputError(
                f"{path}: the columns {first} and {called[place]} both name classes, and '{split}' has several there",
                "take away the one that is not meant, or rename it",
            )
    return columns


def _are_numbers(texts: Sequence[str]) -> bool:
    """Whether nothing else stands in a column."""
    return all(text.removesuffix(".0").isdigit() for text in texts if text)


def _split(texts: Sequence[str], others: Sequence[str]) -> str | None:
    """The first text that has several partners in the other column; blanks are none, nor are other capitals."""
    partners: dict[str, str] = {}
    for text, other in zip(texts, others, strict=True):
        if other and partners.setdefault(text, other.lower()) != other.lower():
            return text
    return None


def _refuse_parts(path: Path, columns: Columns, rows: list[Row]) -> None:
    """Refuse a name that stands in several parts of a dataset, for it is of several photographs."""
    if columns.part is None:
        return
    parts: dict[str, str] = {}
    for line, cells in rows:
        name, part = cells[columns.image].strip(), cells[columns.part].strip() if len(cells) > columns.part else ""
        if part and parts.setdefault(name, part).lower() != part.lower():
            raise InputError(
                f"{path}:{line}: '{name}' is in '{part}' here, and in '{parts[name]}' above",
                f"if these are folders, write them before the names, as in {part}/{name}; else rename the column",
            )


def _rows(path: Path) -> Iterator[Row]:
    separator, text = separated(read_text(path))
    table = csv.reader(text.splitlines(keepends=True), delimiter=separator, skipinitialspace=True)
    try:
        yield from ((table.line_num, cells) for cells in table if any(cell.strip() for cell in cells))
    except csv.Error as error:
        raise InputError(f"{path}:{table.line_num}: no row of a table ({error})", "mend the line") from None


def _entry(
    folder: ImageFolder, path: Path, columns: Columns, called: str, rows: list[Row], translated: dict[str, str]
) -> Entry:
    line, cells = rows[0]
    source = f"{path}:{line}"
    if not called:
        raise InputError(f"{source}: it names no photograph", "mend the line")
    photograph = folder.place(called, source=source)
    try:
        items = [item for row in rows if (item := _item(path, columns, row, translated))]
    except InputError as problem:
        return Entry(photograph, source, id=called, problem=problem)
    size = size_of(*(cells[place] for place in columns.size)) if columns.size else None
    return Entry(photograph, source, items, size, called)


def _item(path: Path, columns: Columns, row: Row, translated: dict[str, str]) -> Item | None:
    """One object, whose id is the number of its line; None for a row that names a photograph without objects."""
    line, cells = row
    if columns.is_blank(cells):
        return None
    source, class_name = f"{path}:{line}", cells[columns.class_name].strip()
    if not class_name:
        raise InputError(f"{source}: it names no class", "mend the line")
    if columns.is_group(cells):
        return None
    box = columns.edges([number(cells[place].strip(), source) for place in columns.numbers])
    if columns.is_turned(cells):
        raise unreadable(
            f"{source}: the box is turned by {cells[columns.angle].strip()}, which is not read",
            "write the box around the turned one, and 0 for the angle; or rename the column if it is another's",
        )
    return Item(translated.get(class_name, class_name), box, line)


def _in_one_unit(entries: list[Entry], path: Path, columns: Columns) -> list[Entry]:
    """The entries, relative if no coordinate is above 1: else no box would be larger than a pixel."""
    beyond = next((item for entry in entries for item in entry.items if max(item.box) > WHOLE), None)
    if beyond and columns.open_images:
        raise InputError(
            f"{path}:{beyond.id}: {max(beyond.box):g} is no part of width or height, which Open Images has",
            "mend the line, or call the columns filename, xmin, ymin, xmax, ymax, class if they are in pixels",
        )
    if beyond or not any(entry.items for entry in entries):
        return entries
    log.info("%s: coordinates are parts of width and height", path)
    return [replace(entry, relative=True) for entry in entries]


def _present(entries: list[Entry], folder: ImageFolder, path: Path) -> list[Entry]:
    """The entries whose photographs are there: one table is of all of Open Images, and a folder has some of them."""
    there = set(folder.paths)
    found = [entry for entry in entries if entry.path in there]
    log.info("%d of the %d photographs of %s are in %s", len(found), len(entries), path, folder.root)
    if not found:
        raise InputError(f"no photograph of {path} is in {folder.root}", "mend images or annotations")
    return found


def _display_names(path: Path) -> dict[str, str]:
    """Open Images' names of its keys, such as /m/01yrx, if their file lies beside the table."""
    tables = class_descriptions(path)
    return {cells[0]: cells[1] for table in tables for _, cells in _rows(table) if len(cells) > 1}
