"""What people have decided about single masks, as files say it: those of the review page, COCO's, and folders of PNGs.

docs/review.md has the formats.
"""

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from os.path import commonpath
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import numpy as np
from PIL import Image
from pycocotools import mask as rle

from lpg.errors import InputError
from lpg.generators.opening import PLAIN_METHODS
from lpg.photograph import Id
from lpg.pixels.pictures import read_opaque, read_photograph
from lpg.pixels.pngs import is_png, pngs_below
from lpg.pixels.rle import encode, is_crowd
from lpg.pseudo_masks.decision_fields import coco_box, encoded_mask, stated_box, stated_class

log = logging.getLogger(__name__)

VERSION = 1
MARK = "lpg_decisions"  # the key that tells the review page's files from others


@dataclass(frozen=True)
class Entry:
    """One object that somebody has decided on.

    Attributes:
        names: what its photograph may be called, with its dataset or without, the longest and best first.
        object_id: the annotation's key of it.
        decision: `accept` (with a mask), `reject` or `redo` (by a method).
        mask: COCO's RLE over the whole photograph.
        class_name: of its box, where the file says it.
        box: x0 y0 x1 y1, where the file says it: it tells objects apart better than `object_id`, which is the number
            of a line in many formats, and which tools count anew.
        source: file and entry, for messages.
        whole: how many of the names, the first, are whole; the others lack folders of their own.
    """

    names: tuple[str, ...]
    object_id: Id
    decision: str
    mask: dict | None = None
    method: str = ""
    class_name: str | None = None
    box: tuple[float, ...] | None = None
    source: str = field(default="", repr=False)  # a decision is the same wherever it stands
    whole: int = field(default=1, repr=False)


def read_decisions(paths: Iterable[str | Path]) -> list[list[Entry]]:
    """The entries of every file: JSON of the review page, JSON of COCO, PNGs or folders of PNGs.

    Raises:
        InputError: a file is missing, is none of these, or has an entry that is not whole.
    """
    paths = [Path(path) for path in paths]
    home = _home(paths)
    return [list(_entries(path, home)) for path in paths]


def _home(paths: Iterable[Path]) -> Path:
    """The folder that holds all pictures which are given one by one, as a plan gives those of a folder."""
    parents = [path.absolute().parent for path in paths if is_png(path) and not path.is_dir()]
    return Path(commonpath(parents)) if parents else Path()


def _entries(path: Path, home: Path) -> Iterator[Entry]:
    if path.is_dir():
        pictures = pngs_below(path)
        if not pictures:
            raise InputError(f"{path} has no PNG in it", "give a folder of <image>__<object id>.png")
        return (entry for picture in pictures for entry in _of_picture(picture, path))
    if is_png(path):
        return _of_picture(path, home)
    content = _json(path)
    if isinstance(content, dict) and MARK in content:
        return _of_page(content, path)
    if isinstance(content, dict) and {"images", "annotations", "categories"} <= set(content):
        return _of_coco(content, path)
    raise InputError(f"{path} holds no decisions", "give a file of the review page, a COCO file or a folder of PNGs")


def _json(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"{path} does not exist", "mend the path") from None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} cannot be read as JSON ({error})", "save it again, or give another file") from None


def _of_page(content: dict, path: Path) -> Iterator[Entry]:
    if content[MARK] != VERSION:
        raise InputError(f"{path} is of version {content[MARK]!r} of decisions, not {VERSION}", "save it with this lpg")
    decisions = content.get("decisions", [])
    if not isinstance(decisions, list):
        raise InputError(f"{path}: its decisions are no list", "save it again")
    for number, item in enumerate(decisions, start=1):
        where = f"{path}, decision {number}"
        try:
            name, key, decision = item["image"], item["object_id"], item["decision"]
        except (KeyError, TypeError):
            raise InputError(f"{where} has no image, object_id or decision", "save it again") from None
        if not isinstance(name, str) or not isinstance(key, int | str):
            raise InputError(f"{where}: {name!r} or {key!r} is no name", "save it again")
        if decision not in ("accept", "reject", "redo"):
            raise InputError(f"{where}: {decision!r} is no decision", "write accept, reject or redo")
        method = item.get("method", "")
        if decision == "redo" and method not in PLAIN_METHODS:
            raise InputError(f"{where}: no mask can be made again by {method!r}", f"take {', '.join(PLAIN_METHODS)}")
        if decision == "accept" and not item.get("mask"):
            raise InputError(f"{where} accepts no mask", "save it again, or take it out")
        mask = encoded_mask(item["mask"], None, where) if decision == "accept" else None
        class_name, box = stated_class(item.get("class"), where), stated_box(item.get("box"), where)
        yield Entry((name,), key, decision, mask, method, class_name, box, where)


def _of_picture(path: Path, home: Path) -> Iterator[Entry]:
    """`<image>__<object id>.png`; what is not black is object.

    Folders below `home` are the photograph's; those above it, such as its dataset, may be too. The id is written as in
    an address, `%2F` for `/`: our exporter's `object_name` does so.
    """
    image, mark, key = path.stem.rpartition("__")
    if not mark or not image or not key:
        raise InputError(f"{path} does not say whose mask it is", "call it <image>__<object id>.png")
    parts = PurePosixPath(path.parent.as_posix(), image).parts
    names = tuple("/".join(parts[start:]) for start in range(len(parts)))
    whole = max(1, len(names) - len(path.absolute().parent.relative_to(home.absolute()).parts))
    mask = _object(path)
    if mask.any():
        yield Entry(names, unquote(key), "accept", encode(mask), source=str(path), whole=whole)
    else:
        log.warning("%s is empty and decides nothing", path)


def _object(path: Path) -> np.ndarray:
    """What is neither black nor transparent, bool (H, W); of a mask that has all in its transparency, what is opaque.

    No permission goes on without: those of photographs are not about decisions.
    """
    try:
        coloured, opaque = read_photograph(path).any(axis=2), read_opaque(path)
    except InputError as error:
        raise InputError(error.fault, error.remedy) from None
    only_opaque = not opaque.all() and not (coloured & opaque).any()
    return opaque if only_opaque else coloured & opaque


def _of_coco(content: dict, path: Path) -> Iterator[Entry]:
    """The objects of a COCO file that have a mask; crowds have no box of their own, unless all are called so.

    An empty one says nothing: `lpg` writes it for objects without a mask, and of those that were rejected. Ids may be
    text in one list and numbers in another.
    """
    empty = 0
    try:
        images = {str(image["id"]): image for image in content["images"]}
        classes = {str(category["id"]): category["name"] for category in content["categories"]}
        outlined = [item for item in content["annotations"] if _has_outline(item.get("segmentation"))]
        for item in [item for item in outlined if not is_crowd(item)] or outlined:
            image, where = images[str(item["image_id"])], f"{path}, annotation {item['id']}"
            parts = _without_ending(PurePosixPath(str(image["file_name"]).replace("\\", "/"))).parts
            names = tuple("/".join(parts[start:]) for start in range(len(parts)))
            mask = encoded_mask(item["segmentation"], (image.get("height"), image.get("width")), where)
            box = coco_box(item.get("bbox"), mask)
            class_name = stated_class(classes[str(item["category_id"])], where)
            if rle.area(mask):
                yield Entry(names, item["id"], "accept", mask, "", class_name, box, where)
            else:
                empty += 1
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: an entry lacks {error}", "export it again as COCO instances") from None
    if empty:
        log.info("%s: %d empty masks decide nothing", path, empty)


def _has_outline(segmentation: object) -> bool:
    """Whether a segmentation is any: some tools write a list of nothing in a list for a plain box."""
    return any(segmentation) if isinstance(segmentation, list) else bool(segmentation)


def _without_ending(name: PurePosixPath) -> PurePosixPath:
    """A photograph's name as ours are; `frame.1` has no ending."""
    return name.with_suffix("") if name.suffix.lower() in Image.registered_extensions() else name
