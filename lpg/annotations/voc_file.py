"""One XML file of VOC's layout: the size of its photograph, and its objects."""

from pathlib import Path
from xml.etree.ElementTree import Element

from lpg.annotations.turned import around_turned, rotation_in
from lpg.annotations.xml_text import read_xml
from lpg.errors import InputError

EDGES = ("xmin", "ymin", "xmax", "ymax")


def read_annotation(path: Path) -> tuple[int, int, list[tuple[str, list[float]]]]:
    """Height and width, 0 where they are not stated, and of every object its class and its edges in pixels.

    Raises:
        InputError: the file cannot be read, or an object lacks something.
    """
    root = read_xml(path)
    objects = [_object(f"{path}: object {place}", item) for place, item in enumerate(root.findall("object"), start=1)]
    return *_size(root), objects


def _size(root: Element) -> tuple[int, int]:
    """The height and width of the photograph; 0 and 0 where a tool that does not know them writes none, or 0."""
    try:
        height, width = (int(float(root.findtext(f"size/{key}"))) for key in ("height", "width"))
    except (TypeError, ValueError, OverflowError):
        return 0, 0
    return (height, width) if min(height, width) > 0 else (0, 0)


def _object(place: str, item: Element) -> tuple[str, list[float]]:
    name = (item.findtext("name") or "").strip()  # of XML that is written to be looked at, over three lines
    if not name:
        raise _lacking(f"{place} has no name")
    box = item.find("bndbox")
    if box is None:
        turned = " but a robndbox, a turned box" if item.find("robndbox") is not None else ""
        raise _lacking(f"{place} ({name}) has no bndbox{turned}")
    edges = tuple(_edge(f"{place} ({name})", key, box.findtext(key)) for key in EDGES)
    said = {one.findtext("name"): one.findtext("value") for one in item.iterfind("attributes/attribute")}
    return name, list(around_turned(edges, rotation_in(said)))


def _edge(place: str, key: str, text: str | None) -> float:
    """An edge in pixels. VOC counts pixels from 1 and includes the last: edges are one lower on the left and above.

    The 0 that other tools write there is the photograph's edge.
    """
    try:
        value = float(text)
    except (TypeError, ValueError):
        raise _lacking(f"{place} has the {key} {text!r} in its bndbox") from None
    if key in ("xmax", "ymax"):
        return value
    return 0.0 if 0 <= value < 1 else value - 1


def _lacking(fault: str) -> InputError:
    return InputError(fault, "mend the file", permission="skip_unreadable")
