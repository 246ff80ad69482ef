"""Photographs and masks from disk, never re-encoded."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from lpg.errors import InputError

MASK = "an 8-bit palette or grey PNG of class ids, 0 the background, 255 void; docs/data.md shows how to convert others"
EXIF_ORIENTATION = 0x0112
TRANSPOSED = range(5, 9)  # EXIF orientations that swap height and width


def read_photograph(path: str | Path, upright: bool = False) -> np.ndarray:
    """Read a photograph as RGB, uint8 (H, W, 3).

    Arguments:
        upright: turn it as its EXIF orientation says; else its pixels stay as they are stored.

    Raises:
        InputError: the file is missing, truncated, no image, or has more than 8 bits a channel.
    """
    image = _open(path)
    if image.mode.startswith(("I", "F")):
        raise InputError(
            f"{path} has pixels of more than 8 bits (mode {image.mode})",
            "convert it to 8-bit RGB or grey",
            permission="skip_unreadable",
        )
    return np.asarray((ImageOps.exif_transpose(image) if upright else image).convert("RGB"))


def read_orientation(path: str | Path) -> int:
    """The EXIF orientation of a photograph, from its header: 1 if it is upright as stored, else 2 to 8."""
    image = _open(path, header=True)
    try:
        orientation = 1 if image.format == "TIFF" else image.getexif().get(EXIF_ORIENTATION)  # Pillow turns a TIFF
    except Exception:  # EXIF is whatever a camera wrote, and broken EXIF is none
        return 1
    return orientation if orientation in range(2, 9) else 1


def read_palette_mask(path: str | Path) -> np.ndarray:
    """Read a VOC palette PNG (or a grey one) as class ids, uint8 (H, W).

    Raises:
        InputError: it cannot be read, has colours, or has VOC's colours in another order than VOC.
    """
    image = _open(path)
    if image.mode not in ("P", "L"):
        raise InputError(f"{path} has mode {image.mode}", f"a mask is {MASK}")
    mask = np.asarray(image)
    if image.mode == "P" and _is_shuffled(np.unique(mask), image.getpalette()):
        raise InputError(
            f"{path} has VOC's colours in another order than VOC, so its numbers are no class ids", f"a mask is {MASK}"
        )
    return mask


def _is_shuffled(used: np.ndarray, palette: list[int]) -> bool:
    """Whether the numbers used have colours of VOC's, and not their own: a conversion to a palette numbers at will."""
    place = {tuple(colour): number for number, colour in enumerate(voc_palette().tolist())}
    colours = [tuple(palette[3 * number : 3 * number + 3]) for number in used.tolist()]
    return all(colour in place for colour in colours) and any(map(np.not_equal, map(place.get, colours), used))


def _open(path: str | Path, header: bool = False) -> Image.Image:
    """A picture; with `header`, no pixels of it."""
    try:
        image = Image.open(path)
        if not header:
            image.load()
    except FileNotFoundError:
        raise InputError(
            f"{path} does not exist", "put the file there or take it off the list", permission="skip_unreadable"
        ) from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InputError(f"{path} cannot be read ({error})", "replace the file", permission="skip_unreadable") from None
    return image


def voc_palette() -> np.ndarray:
    """The colours of PASCAL VOC, uint8 (256, 3): the bits of the class id, spread over the three channels."""
    palette = np.zeros((256, 3), dtype=np.uint8)
    ids = np.arange(256)
    for bit in range(8):
        for channel in range(3):
            palette[:, channel] |= (((ids >> (3 * bit + channel)) & 1) << (7 - bit)).astype(np.uint8)
    return palette


def write_palette_mask(path: str | Path, labels: np.ndarray, texts: Mapping[str, str] | None = None) -> None:
    """Write class ids, uint8 (H, W), as a PNG in VOC's colours.

    Arguments:
        texts: what else it says, by PNG's keywords such as `Software` and `Source`.
    """
    said = PngInfo()
    for key, text in (texts or {}).items():
        said.add_text(key, text)
    image = Image.fromarray(labels)
    image.putpalette(voc_palette().ravel().tolist())
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    image.save(path, format="PNG", pnginfo=said)


class PhotographCache:
    """Reads photographs and keeps the first that come, up to `limit` bytes; in random access no others are better."""

    def __init__(self, limit: int = 1 << 29) -> None:
        self._left, self._kept = limit, {}

    def __call__(self, path: str | Path, upright: bool = False) -> np.ndarray:
        key = path, upright
        if key in self._kept:
            return self._kept[key]
        photograph = read_photograph(path, upright)
        if photograph.nbytes <= self._left:
            self._left -= photograph.nbytes
            self._kept[key] = photograph
        return photograph
