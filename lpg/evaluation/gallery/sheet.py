"""Rows of pictures as one picture: a title above every column, a legend of colours, a name above every row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from lpg.evaluation.gallery.overlays import font
from lpg.files.atomic import replace_atomically

GAP, TEXT, LINE = 8, 14, 22  # pixels: between pictures, height of letters and of a line
INK, QUIET = "#1d2126", "#5d6672"


@dataclass(frozen=True)
class Row:
    """A photograph and all that is made of it.

    Attributes:
        name, note: the photograph, and what is said about it.
        pictures: by the title of their column, uint8 (H, W, 3), all of one size.
        heading: stands above the first row of a section.
    """

    name: str
    note: str
    pictures: dict[str, np.ndarray]
    heading: str = ""

    @property
    def high(self) -> int:
        """Its height in pixels, from its heading to the gap below it."""
        return LINE * (2 if self.heading else 1) + max(len(picture) for picture in self.pictures.values()) + GAP


@dataclass
class Sheet:
    """A picture that grows downwards."""

    size: tuple[int, int]
    picture: Image.Image = field(init=False)
    y: int = GAP

    def __post_init__(self) -> None:
        self.picture = Image.new("RGB", self.size, "white")
        self.pen = ImageDraw.Draw(self.picture)

    def write(self, x: float, text: str, size: int = TEXT, colour: str = INK) -> None:
        self.pen.text((x, self.y), text, font=font(size), fill=colour)


def write_sheet(path: str | Path, rows: Sequence[Row], legend: Sequence[tuple[str, str]], side: int) -> None:
    """Write rows as one PNG.

    Arguments:
        rows: at least one; a column that a row lacks stays empty there.
        legend: names of classes and their colours, `#800000`.
        side: pixels that a column is wide.
    """
    titles = list(dict.fromkeys(title for row in rows for title in row.pictures))
    wide = GAP + len(titles) * (side + GAP)
    entries = list(_flow(legend, wide))
    lines = 1 + max((line for _, line, *_ in entries), default=-1)
    sheet = Sheet((wide, 2 * GAP + LINE * (lines + 1) + GAP + sum(row.high for row in rows)))
    _draw_legend(sheet, entries, lines)
    for column, title in enumerate(titles):
        sheet.write(GAP + column * (side + GAP), title)
    sheet.y += LINE
    for row in rows:
        _draw_row(sheet, row, titles, side)
    with replace_atomically(path) as partial:
        sheet.picture.save(partial, format="PNG")


def _flow(legend: Sequence[tuple[str, str]], wide: int) -> Iterator[tuple[int, int, str, str]]:
    """x and line of every entry of the legend, with its name and colour."""
    x, line = GAP, 0
    for name, colour in legend:
        length = TEXT + 6 + round(font(TEXT).getlength(name)) + 3 * GAP
        if x + length > wide and x > GAP:
            x, line = GAP, line + 1
        yield x, line, name, colour
        x += length


def _draw_legend(sheet: Sheet, entries: Sequence[tuple[int, int, str, str]], lines: int) -> None:
    top = sheet.y
    for x, line, name, colour in entries:
        sheet.y = top + line * LINE
        sheet.pen.rectangle((x, sheet.y + 2, x + TEXT, sheet.y + 2 + TEXT), fill=colour, outline=QUIET)
        sheet.write(x + TEXT + 6, name)
    sheet.y = top + lines * LINE + GAP


def _draw_row(sheet: Sheet, row: Row, titles: Sequence[str], side: int) -> None:
    if row.heading:
        sheet.write(GAP, row.heading, TEXT + 2)
        sheet.y += LINE
    sheet.write(GAP, row.name, TEXT - 1)
    sheet.write(GAP + font(TEXT - 1).getlength(row.name) + GAP, row.note, TEXT - 1, QUIET)
    sheet.y += LINE
    for column, title in enumerate(titles):
        if title in row.pictures:
            sheet.picture.paste(Image.fromarray(row.pictures[title]), (GAP + column * (side + GAP), sheet.y))
    sheet.y += row.high - LINE * (2 if row.heading else 1)
