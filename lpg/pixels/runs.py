"""The masks of COCO's layout, polygons and run lengths, as pycocotools has them; what makes it stumble is refused."""

import numpy as np
from pycocotools import mask as rle

FAR = 10  # times the sides of its photograph a polygon may reach: pycocotools walks along every pixel of its outline


def encode(mask: np.ndarray) -> dict:
    """A mask, bool or of 0 and 1, (H, W), as compressed run lengths: `{"size": [H, W], "counts": bytes}`."""
    return rle.encode(np.asfortranarray(mask, dtype=np.uint8))


def run_lengths(segmentation: list | dict, height: int, width: int) -> dict:
    """A `segmentation` as `{"size": [height, width], "counts": …}`; run lengths keep the size that they state.

    Raises:
        ValueError: it is no mask. pycocotools raises other errors where its C code stumbles.
    """
    if isinstance(segmentation, list):
        _check_polygons(segmentation, height, width)
        return rle.merge(rle.frPyObjects(segmentation, height, width))
    _check_runs(segmentation)
    return rle.frPyObjects(segmentation, height, width) if isinstance(segmentation["counts"], list) else segmentation


def _check_polygons(polygons: list, height: int, width: int) -> None:
    """pycocotools takes four numbers for a box, and crashes on points that lie far away."""
    for polygon in polygons:
        if not isinstance(polygon, list):
            raise ValueError("a list of numbers, where polygons are lists in a list: [[x, y, x, y, x, y, …]]")
        if len(polygon) < 6 or len(polygon) % 2:
            raise ValueError(f"a polygon of {len(polygon)} numbers: x and y of three points or more are wanted")
        if not np.abs(np.array(polygon, dtype=np.float64)).max() <= FAR * max(height, width):
            raise ValueError(f"a polygon with a point far from its photograph of {width}×{height} pixels")


def _check_runs(segmentation: dict) -> None:
    """Refuse an RLE whose runs do not fill its size: pycocotools leaves the last pixels to chance, or crashes."""
    counts = segmentation["counts"]
    runs = counts if isinstance(counts, list) else _compressed_runs(counts)
    if sum(runs) != np.prod(segmentation["size"]):
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
        value |= (bits & 0x1F) << shift
        shift += 5
        if not bits & 0x20:
            value -= (bits & 0x10) and 1 << shift
            runs.append(value + (runs[-2] if len(runs) > 2 else 0))
            value = shift = 0
    if shift:
        raise ValueError("its counts end in the middle of a run")
    return runs
