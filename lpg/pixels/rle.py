"""The masks of COCO's layout, polygons and run lengths, as pycocotools has them; what makes it stumble is refused."""

import math

import numpy as np
from pycocotools import mask as rle

FAR = 10  # times the sides of its photograph a polygon may reach
LONGEST = 1 << 22  # pixels of an outline: pycocotools walks along every one, and remembers a hundred bytes of it
LARGEST = 1 << 28  # pixels of a mask
BITS = 35  # of a compressed run: the difference of two of C's unsigned integers
YES = {"1", "1.0", "true"}


def encode(mask: np.ndarray) -> dict:
    """A mask, bool or of 0 and 1, (H, W), as compressed run lengths: `{"size": [H, W], "counts": bytes}`."""
    return rle.encode(np.asfortranarray(mask, dtype=np.uint8))


def is_crowd(item: dict) -> bool:
    """What an entry's `iscrowd` says: tables of other tools hold it as text, and NaN where nothing was filled in."""
    return str(item.get("iscrowd")).strip().lower() in YES


def run_lengths(segmentation: list | dict, height: int, width: int) -> dict:
    """A `segmentation` as `{"size": [height, width], "counts": …}`; run lengths keep the size that they state.

    Raises:
        ValueError: it is no mask. pycocotools raises other errors where its C code stumbles.
    """
    if isinstance(segmentation, list):
        _check_size(height, width)
        _check_polygons(segmentation, height, width)
        return rle.merge(rle.frPyObjects(segmentation, height, width))
    height, width = segmentation["size"]
    _check_size(height, width)
    found = {"size": [int(height), int(width)], "counts": segmentation["counts"]}
    _check_runs(found)
    return rle.frPyObjects(found, height, width) if isinstance(found["counts"], list) else found


def _check_size(height: int, width: int) -> None:
    for side in (height, width):
        if isinstance(side, bool | str) or not 0 < side <= LARGEST or side != int(side):
            raise ValueError(f"{side!r} is no side of a mask")
    if height * width > LARGEST:
        raise ValueError(f"{width}×{height} pixels are too many")


def _check_polygons(polygons: list, height: int, width: int) -> None:
    """Refuse polygons at which pycocotools stumbles: it takes four numbers for a box, and crashes on far points."""
    for polygon in polygons:
        if not isinstance(polygon, list):
            raise ValueError("a list of numbers, where polygons are lists in a list: [[x, y, x, y, x, y, …]]")
        if len(polygon) < 6 or len(polygon) % 2:
            raise ValueError(f"a polygon of {len(polygon)} numbers: x and y of three points or more are wanted")
        points = np.array(polygon, dtype=np.float64).reshape(-1, 2)
        if points.size != len(polygon) or not np.abs(points).max() <= FAR * max(height, width):
            raise ValueError(f"a polygon with a point far from its photograph of {width}×{height} pixels")
        if np.abs(points - np.roll(points, 1, axis=0)).max(axis=1).sum() > LONGEST:
            raise ValueError(f"a polygon whose outline is longer than {LONGEST:,} pixels")


def _check_runs(segmentation: dict) -> None:
    """Refuse an RLE whose runs do not fill its size: pycocotools leaves the last pixels to chance, or crashes."""
    counts = segmentation["counts"]
    runs = counts if isinstance(counts, list) else _compressed_runs(counts)
    if sum(runs) != math.prod(segmentation["size"]):
        raise ValueError(f"its runs cover {sum(runs)} pixels, its size is {segmentation['size']}")
    if any(run < 0 or run != int(run) for run in runs):
        raise ValueError("a run of it is negative or no whole number of pixels")


def _compressed_runs(counts: str | bytes) -> list[int]:
    """The run lengths behind COCO's compressed RLE: five bits a character, each run less the last but one."""
    text = counts.encode() if isinstance(counts, str) else counts
    runs: list[int] = []
    value = shift = 0
    for character in text:
        bits = character - 48
        if bits not in range(64) or shift == BITS:
            raise ValueError("its counts are no run lengths")
        value |= (bits & 0x1F) << shift
        shift += 5
        if not bits & 0x20:
            value -= (bits & 0x10) and 1 << shift
            runs.append(value + (runs[-2] if len(runs) > 2 else 0))
            value = shift = 0
    if shift:
        raise ValueError("its counts end in the middle of a run")
    return runs
