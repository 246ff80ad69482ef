"""What a file of decisions says of one object, checked: its mask, its class and its box."""

from pycocotools import mask as rle

from lpg.errors import InputError
from lpg.pixels.rle import run_lengths

LARGEST = 1e9  # pixels: what float32 and C can still compute with


def encoded_mask(segmentation, size: tuple[int | None, int | None] | None, where: str) -> dict:
    """Polygons, or an RLE as a list or as text, as COCO's compressed RLE.

    Arguments:
        size: height and width of the photograph, where a file says them; an RLE has its own.
    """
    known = size if size and all(size) else None
    if isinstance(segmentation, list) and not known:
        raise InputError(f"{where} has polygons, and its photograph no height and width", "add both to the photograph")
    try:
        found = run_lengths(segmentation, *known or segmentation["size"])
        height, width = map(int, found["size"])
        return {"size": [height, width], "counts": found["counts"]}
    except Exception as error:  # pycocotools raises whatever its input leads it to
        raise InputError(f"{where}: its mask cannot be read ({error})", "save it again, or take it out") from None


def stated_class(name: object, where: str) -> str | None:
    """A name; nothing where a file says nothing."""
    if name is not None and not isinstance(name, str):
        raise InputError(f"{where}: {name!r} is no class", "write its name, or save it again")
    return name


def stated_box(edges: object, where: str) -> tuple[float, ...] | None:
    """The edges x0 y0 x1 y1; nothing where a file says nothing, as those of earlier pages."""
    if edges is None:
        return None
    found = _four(edges)
    if not found or found[2] < found[0] or found[3] < found[1]:
        raise InputError(f"{where}: {edges!r} is no box", "write [x0, y0, x1, y1], or save it again")
    return found


def coco_box(bbox: object, mask: dict) -> tuple[float, ...]:
    """The edges of an object: as stated, since a tool may keep the box whose mask it corrects; or those of its mask."""
    found = _four(bbox)
    x, y, width, height = found if found and min(found[2:]) > 0 else rle.toBbox(mask).tolist()
    return x, y, x + width, y + height


def _four(numbers: object) -> tuple[float, ...] | None:
    try:
        found = tuple(map(float, numbers))
    except (TypeError, ValueError, OverflowError):
        return None
    return found if len(found) == 4 and all(abs(number) <= LARGEST for number in found) else None
