"""What the review page shows of one photograph: a cut around every box, and its masks as run lengths."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from lpg.files.atomic import replace_atomically
from lpg.files.pseudo_masks import HALF
from lpg.photograph import Photograph
from lpg.pixels.rle import encode

CONTEXT = 0.3  # of a box's sides, around it
LEAST = 12  # pixels of context
LONG_SIDE = 640  # of a cut, at most
SMALL = 240  # of a thumbnail
FULL = 0.98  # of its box, from which on a mask tells nothing of an object


@dataclass(frozen=True)
class Piece:
    """One box, as the page needs it; everything in pixels of the photograph.

    Attributes:
        inside: row, column, height and width of the box's pixels.
        window: the same of the cut.
        masks: per stage COCO's compressed RLE of the mask inside the box.
        filling, doubt: per stage the part of the box that the mask has, and a stand-in for its risk.
    """

    inside: tuple[int, int, int, int]
    window: tuple[int, int, int, int]
    masks: list[str]
    filling: list[float]
    doubt: list[float]


def cut_pieces(
    image: Photograph,
    stages: Sequence[Sequence[np.ndarray]],
    first: int,
    folders: Mapping[str, Path],
    object_from: Sequence[int],
) -> list[Piece]:
    """Write the pictures of a photograph's boxes, `<number>.jpg` from `first` on, and give what belongs to them.

    Arguments:
        stages: per stage the soft mask of every box inside its pixels, uint8 (h, w).
        folders: of the `crops` and the `thumbnails`.
        object_from: per stage the least value of a soft mask that is object.
    """
    photograph = image.read()
    pieces = []
    for index, inside in enumerate(image.inside):
        window = _widened(inside, image.height, image.width)
        cut, name = photograph[window], f"{first + index:06d}.jpg"
        for kind, side, quality in (("crops", LONG_SIDE, 88), ("thumbnails", SMALL, 80)):
            _write_picture(f"{folders[kind]}/{name}", cut, side, quality)  # a Path would stay in memory
        soft = [masks[index] for masks in stages]
        objects = [mask >= least for mask, least in zip(soft, object_from, strict=True)]
        pieces.append(
            Piece(
                _rectangle(inside),
                _rectangle(window),
                [encode(mask)["counts"].decode() for mask in objects],
                [float(mask.mean()) if mask.size else 0.0 for mask in objects],
                [doubt(*each) for each in zip(soft, object_from, strict=True)],
            )
        )
    return pieces


def doubt(soft: np.ndarray, object_from: int = HALF) -> float:
    """A stand-in for the risk of a mask, in [0, 1], where nobody has rated it.

    The more of the mask is in doubt, or the less it comes up to the sides of its box, the higher; highest if it is
    empty, and high if it fills its box.
    """
    mask = soft >= object_from
    if not mask.any():
        return 1.0
    unsure = np.minimum(soft, 255 - soft).sum(dtype=np.int64) / 127.5 / np.count_nonzero(mask)
    gaps = [_gap(mask.any(axis=axis)) for axis in (0, 1)]
    return float(min(1.0, max(unsure, *gaps, 0.7 * (mask.mean() >= FULL))))


def _gap(touched: np.ndarray) -> float:
    """The part of a side that a mask does not reach, bool (length,)."""
    reached = np.flatnonzero(touched)
    return 1 - (reached[-1] + 1 - reached[0]) / len(touched)


def _widened(inside: tuple[slice, slice], height: int, width: int) -> tuple[slice, slice]:
    rows, columns = inside
    return _side_widened(rows, height), _side_widened(columns, width)


def _side_widened(side: slice, end: int) -> slice:
    margin = max(LEAST, round(CONTEXT * (side.stop - side.start)))
    return slice(max(0, side.start - margin), min(end, side.stop + margin))


def _rectangle(inside: tuple[slice, slice]) -> tuple[int, int, int, int]:
    rows, columns = inside
    numbers = rows.start, columns.start, rows.stop - rows.start, columns.stop - columns.start
    return tuple(map(int, numbers))


def _write_picture(path: str, pixels: np.ndarray, long_side: int, quality: int) -> None:
    height, width = pixels.shape[:2]
    scale = min(1.0, long_side / max(height, width))
    size = max(1, round(scale * width)), max(1, round(scale * height))
    if scale < 1:
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    with replace_atomically(path) as partial:
        Image.fromarray(np.ascontiguousarray(pixels)).save(partial, format="JPEG", quality=quality)
