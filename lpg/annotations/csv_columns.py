"""What the columns of a table of boxes are, by the names that they usually have."""

import math
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from lpg.annotations import box_readings
from lpg.annotations.texts import is_number
from lpg.errors import InputError

# An id is a name in Open Images, and elsewhere mostly a number beside one.
IMAGE = ("filename", "imagepath", "imagename", "image", "imgpath", "img", "path", "filepath", "file", "imageid")
CLASS = ("labelname", "classname", "categoryname", "class", "label", "category")
SIZES = (("imageheight", "imagewidth"), ("imgheight", "imgwidth"), ("height", "width"))
WHOLE_BOX = ("bbox", "box", "bounding_box", "boundingbox")  # a list in a cell
BOX_SIDES = (
    ("bw", "bh"),
    ("boxw", "boxh"),
    ("boxwidth", "boxheight"),
    ("w", "h"),
    ("width", "height"),
)  # where both are there, the long names are the photograph's
FIRST = (("xmin", "ymin"), ("x1", "y1"), ("xtl", "ytl"), ("left", "top"), ("x0", "y0"), ("x", "y"))  # corners of a box
LAST = (("xmax", "ymax"), ("x2", "y2"), ("xbr", "ybr"), ("right", "bottom"))
ANGLES = ("angle", "rotation", "theta")
PARTS = ("split", "subset", "folder", "partition")  # of a dataset, in which names may repeat
# Columns of a box, and how their numbers are edges: corners as they are, the four of a quadrilateral, a corner and
# sides, a centre and sides.
FORMS = (
    (("xmin", "ymin", "xmax", "ymax"), "corners"),
    (("x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4"), "around"),
    (("x0", "y0", "x1", "y1", "x2", "y2", "x3", "y3"), "around"),
    *(((*first, *last), "corners") for first in FIRST for last in LAST),
    (("x0", "y0", "x1", "y1"), "corners"),
    *(((x, y, *sides), "centre") for x, y in (("xcenter", "ycenter"), ("xcentre", "ycentre"), ("cx", "cy"))
      for sides in BOX_SIDES),
    *(((x, y, *sides), "sides") for x, y in (("x", "y"), ("xmin", "ymin"), ("left", "top"))
      for sides in BOX_SIDES),
)  # fmt: skip


@dataclass(frozen=True)
class Columns:
    """The columns of a table of boxes: where in a row what stands.

    Attributes:
        numbers: those of a box: four, or eight of a quadrilateral.
        form: what they are, see `FORMS`.
        size: height and width of the photograph, if they are there.
        group: whether a box is around a group of objects, if it is there.
        angle: by which a box is turned, if it is there.
        part: of the dataset that the photograph is in, if it is there.
        names: columns that may name a class, with what they are called.
        open_images: whether the table is Open Images'.
    """

    image: int
    class_name: int
    numbers: tuple[int, ...]
    form: str = "corners"
    size: tuple[int, int] | None = None
    group: int | None = None
    angle: int | None = None
    part: int | None = None
    names: tuple[tuple[int, str], ...] = ()
    open_images: bool = False

    @property
    def least(self) -> int:
        """How many cells a row must have."""
        return 1 + max(self.image, self.class_name, *self.numbers, *(self.size or ()))

    def edges(self, values: Sequence[float]) -> tuple[float, float, float, float]:
        if self.form == "around":
            return min(values[::2]), min(values[1::2]), max(values[::2]), max(values[1::2])
        return box_readings.FORMS[self.form].corners(*values)

    def is_blank(self, cells: Sequence[str]) -> bool:
        """Whether a row names a photograph without objects."""
        return not any(cells[place].strip() for place in (self.class_name, *self.numbers))

    def is_turned(self, cells: Sequence[str]) -> bool:
        """Whether a box is turned by an angle, which may be blank or no number."""
        said = cells[self.angle].strip() if self.angle is not None and self.angle < len(cells) else ""
        return is_number(said) and math.isfinite(float(said)) and float(said) != 0

    def is_group(self, cells: Sequence[str]) -> bool:
        """Whether a box is a crowd's, as COCO calls it, and no object's; pandas writes 1.0 or True for a 1."""
        said = cells[self.group].strip() if self.group is not None and self.group < len(cells) else ""
        return said.lower() == "true" or (is_number(said) and float(said) == 1)


HEADERLESS = Columns(image=0, class_name=5, numbers=(1, 2, 3, 4))


def is_headerless(cells: Sequence[str]) -> bool:
    """Whether a first row is keras-retinanet's `path,x1,y1,x2,y2,class`, of which all but the path may be blank."""
    return len(cells) == 6 and (all(map(is_number, cells[1:5])) or not any(cell.strip() for cell in cells[1:]))


def separated(text: str) -> tuple[str, str]:
    """What is between the cells of a table, and its text without the line in which Excel says so."""
    head, _, rest = text.lstrip().partition("\n")
    if match := re.fullmatch(r"\"?sep=(.)\"?", head.strip(" \r\n\ufeff"), re.IGNORECASE):
        return match[1], f"\n{rest}"  # numbers of lines stay
    return max(",;\t", key=head.count), text


def columns_of(header: Sequence[str], source: str) -> Columns:
    """Which column is what.

    Raises:
        InputError: one is not there.
    """
    places = {_plain(cell): place for place, cell in reversed(list(enumerate(header)))}
    if sum(map(is_number, header)) >= 4:
        raise InputError(
            f"{source}: it has no header", "put one above: image, xmin, ymin, xmax, ymax, class, in the table's order"
        )
    numbers, form = _numbers(places)
    own_names = places
    places = {name.removeprefix("bbox"): place for name, place in places.items()} | places  # bbox_label may be one
    image = next((places[name] for name in IMAGE if name in places), None)
    class_name = next((places[name] for name in CLASS if name in places), None)
    if image is not None and numbers and class_name is None:
        raise InputError(f"{source}: there is no column of classes", "call it class, or add one")
    if image is not None and not numbers and (whole := [cell for cell in header if cell.strip().lower() in WHOLE_BOX]):
        raise InputError(
            f"{source}: the column {whole[0].strip()} has all of a box",
            "make four columns of it: x, y, w, h, or xmin, ymin, xmax, ymax",
        )
    if image is None or class_name is None or not numbers:
        raise InputError(
            f"{source}: the columns {', '.join(cell.strip() or '(no name)' for cell in header)[:200]} are no boxes",
            "call them image, xmin, ymin, xmax, ymax, class, or x, y, w, h in place of the edges",
        )
    if {"originalwidth", "originalheight"} <= places.keys():
        raise InputError(
            f"{source}: the column original_width is Label Studio's, whose numbers are per cent of the photograph",
            "export COCO or YOLO from it, or make them pixels and take the column away",
        )
    _refuse_twice(header, {image, class_name, *numbers}, source)
    sizes = [pair for pair in SIZES if all(own_names.get(name, numbers[0]) not in numbers for name in pair)]
    return Columns(
        image=image,
        class_name=class_name,
        numbers=numbers,
        form=form,
        size=tuple(places[name] for name in sizes[0]) if sizes else None,
        group=places.get("isgroupof"),
        angle=next((places[name] for name in ANGLES if name in places), None),
        part=next((places[name] for name in PARTS if name in places), None),
        names=tuple((places[name], header[places[name]].strip()) for name in (*CLASS, "name") if name in places),
        open_images="imageid" in places and "labelname" in places and form == "corners",
    )


def _numbers(places: dict[str, int]) -> tuple[tuple[int, ...], str]:
    """The columns of a box's numbers, and their form; `bbox_width` is a box's where `width` is its photograph's."""
    for own in (True, False):
        for names, form in FORMS:
            found = [places.get(f"bbox{name}", None if own else places.get(name)) for name in names]
            if None not in found:
                return tuple(found), form
    return (), ""


def _refuse_twice(header: Sequence[str], meant: Collection[int], source: str) -> None:
    """Refuse two columns of one name, of which one would be taken silently."""
    counts = Counter(map(_plain, header))
    if called := next((name for name in (_plain(header[place]) for place in meant) if counts[name] > 1), None):
        spelt = " and ".join(cell.strip() for cell in header if _plain(cell) == called)
        raise InputError(f"{source}: the columns {spelt} are of one name", "rename one, as w and h for a box's sides")


def _plain(cell: str) -> str:
    """The name of a column for comparing: `X_Min` and `x min` are one."""
    return "".join(filter(str.isalnum, cell.lower()))


def class_descriptions(table: Path) -> list[Path]:
    """Open Images' table of its classes' names, if it lies beside the table of boxes: one file or none."""
    return sorted(table.parent.glob("*class-descriptions*.csv"))[:1]
