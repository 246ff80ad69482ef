"""Photographs and masks from disk, never re-encoded, or as people give them in Python."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

from lpg.errors import InputError

MASK = "an 8-bit palette or grey PNG of class ids, 0 the background, 255 void; docs/data.md shows how to convert others"
FORMATS = ("JPEG", "PNG", "BMP", "WEBP", "TIFF", "GIF")  # Pillow would run PostScript that is called a.jpg
SMALL, DENSEST = 1 << 20, 10_000  # pixels of any file, and of each of its bytes: PNG has 8,000 of one value at most
EXIF_ORIENTATION = 0x0112
TRANSPOSED = range(5, 9)  # EXIF orientations that swap height and width


def read_photograph(path: str | Path, upright: bool = False) -> np.ndarray:
    """Read a photograph as RGB, uint8 (H, W, 3).

    Arguments:
        upright: turn it as its EXIF orientation says; else its pixels stay as they are stored.

    Raises:
        InputError: the file is missing, truncated, no image, or has more than 8 bits a channel.
    """
    with _opened(path) as image:
        return np.asarray((ImageOps.exif_transpose(image) if upright else image).convert("RGB"))


def check_photograph(path: str | Path) -> tuple[int, int, int]:
    """Height, width and EXIF orientation (see `read_orientation`) of a photograph as it is stored, all of it decoded.

    Raises:
        InputError: as of `read_photograph`.
    """
    with _opened(path) as image:
        if image.mode != "RGB":  # nothing is to be converted, nor copied
            image.convert("RGB")
        return image.height, image.width, _orientation(image)


def read_photograph_again(path: str | Path, height: int, width: int, upright: bool) -> np.ndarray:
    """Read a photograph, uint8 (H, W, 3), whose boxes were read when it had `height` and `width`.

    Raises:
        InputError: it has another size now, so that its boxes are not those of its pixels.
    """
    photograph = read_photograph(path, upright)
    if photograph.shape[:2] != (height, width):
        now = f"{photograph.shape[1]}×{photograph.shape[0]}"
        raise InputError(
            f"{path} is {now} pixels, and was {width}×{height} when its boxes were read",
            "bring back the photograph that they are of, or read the dataset again (snakemake … -R extract_boxes)",
        )
    return photograph


def read_opaque(path: str | Path) -> np.ndarray:
    """Where a picture is not transparent, bool (H, W).

    Raises:
        InputError: as of `read_photograph`.
    """
    with _opened(path) as image:
        return np.asarray(image.convert("RGBA"))[..., 3] > 127


def image_given(image: np.ndarray) -> np.ndarray:
    """A photograph, uint8 (H, W, 3), from an image of Pillow's too.

    Raises:
        InputError: it is none; of values from 0 to 1, or of another order, a network makes something without a word.
    """
    image = np.asarray(image)
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise InputError(f"the image is {image.dtype} {image.shape}", "give RGB as uint8 (H, W, 3)")
    return image


def read_orientation(path: str | Path) -> int:
    """The EXIF orientation of a photograph, from its header: 1 if it is upright as stored, else 2 to 8."""
    with _opened(path, header=True) as image:
        return _orientation(image)


def read_upright_size(path: str | Path) -> tuple[int, int]:
    """Height and width of a photograph that is turned as EXIF says, from its header."""
    with _opened(path, header=True) as image:
        turned = _orientation(image) in TRANSPOSED
        return (image.width, image.height) if turned else (image.height, image.width)


def _orientation(image: Image.Image) -> int:
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
    with _opened(path) as image:
        if image.mode not in ("P", "L"):
            raise InputError(f"{path} has mode {image.mode}", f"a mask is {MASK}", permission="skip_unreadable")
        mask, palette = np.asarray(image), image.getpalette()
    if palette and _is_shuffled(np.unique(mask), palette):
        raise InputError(
            f"{path} has VOC's colours in another order than VOC, so its numbers are no class ids",
            f"a mask is {MASK}",
            permission="skip_unreadable",
        )
    return mask


def _is_shuffled(used: np.ndarray, palette: list[int]) -> bool:
    """Whether the numbers used have colours of VOC's, and not their own: a conversion to a palette numbers at will."""
    place = {tuple(colour): number for number, colour in enumerate(voc_palette().tolist())}
    colours = [tuple(palette[3 * number : 3 * number + 3]) for number in used.tolist()]
    return all(colour in place for colour in colours) and any(map(np.not_equal, map(place.get, colours), used))


@contextmanager
def _opened(path: str | Path, header: bool = False) -> Iterator[Image.Image]:
    """A picture; with `header`, no pixels of it. What is wrong with it may come to light in the block."""
    try:
        if not os.path.isfile(path) and os.path.exists(path):  # opening a pipe would wait for its other end
            raise ValueError("it is no file")
        # By its name, Pillow would map a grey TIFF into memory, with its sides swapped if it is to be turned.
        with open(path, "rb") as file, Image.open(file, formats=FORMATS) as image:
            size = os.path.getsize(path)
            if image.width * image.height > max(SMALL, DENSEST * size):
                raise ValueError(f"its {size} bytes cannot hold {image.width}×{image.height} pixels")
            if not header:
                _refuse_deep(image, path)
                image.load()
            yield image
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError(
            f"{path} does not exist", "put the file there or take it off the list", permission="skip_unreadable"
        ) from None
    except Exception as error:  # Pillow raises whatever the bytes of a broken file lead it to
        reason, remedy = str(error) or type(error).__name__, "replace the file"
        if isinstance(error, PermissionError):
            remedy = "give this user the right to read it"
        elif isinstance(error, UnidentifiedImageError):
            reason, remedy = _other_content(path)
        raise InputError(f"{path} cannot be read ({reason})", remedy, permission="skip_unreadable") from None


def _other_content(path: str | Path) -> tuple[str, str]:
    """What a file is that is no picture of `FORMATS`, as far as its first bytes tell, and what helps."""
    with open(path, "rb") as file:
        head = file.read(64)
    if not head:
        return "it is empty", "replace the file"
    if head.startswith(b"version https://git-lfs"):
        return "it stands for a file of Git LFS", "fetch the photographs: git lfs pull"
    if head[4:8] == b"ftyp":
        kind = "AVIF" if b"avif" in head else "HEIC" if b"heic" in head or b"mif1" in head else "a video"
        return f"it is {kind}", "convert it to JPEG or PNG"
    return f"it is none of {', '.join(FORMATS)}", "replace the file"


def _refuse_deep(image: Image.Image, path: str | Path) -> None:
    """Refuse 16 bits of a colour: Pillow takes the upper eight, nearly black where a camera fills ten."""
    if image.mode.startswith(("I", "F")) or any(";16" in str(tile) for tile in image.tile):
        mode = image.mode if image.mode.startswith(("I", "F")) else f"{image.mode}, 16 bits each"
        raise InputError(
            f"{path} has pixels of more than 8 bits (mode {mode})",
            "convert it to 8-bit RGB or grey",
            permission="skip_unreadable",
        )


def voc_palette() -> np.ndarray:
    """The colours of PASCAL VOC, uint8 (256, 3): the bits of the class id, spread over the three channels."""
    palette = np.zeros((256, 3), dtype=np.uint8)
    ids = np.arange(256)
    for bit in range(8):
        for channel in range(3):
            palette[:, channel] |= (((ids >> (3 * bit + channel)) & 1) << (7 - bit)).astype(np.uint8)
    return palette


def read_texts(path: str | Path) -> dict[str, str]:
    """What a PNG says before its pixels, by its keywords.

    Raises:
        InputError: it cannot be read.
    """
    with _opened(path, header=True) as image:
        return {key: str(text) for key, text in getattr(image, "text", {}).items()}


def write_palette_mask(path: str | Path, labels: np.ndarray, texts: Mapping[str, str] | None = None) -> None:
    """Write class ids, uint8 (H, W), as a PNG in VOC's colours.

    Arguments:
        texts: what else it says, by PNG's keywords such as `Software` and `Source`.

    Raises:
        InputError: the labels are of another type or shape.
    """
    if labels.dtype != np.uint8 or labels.ndim != 2:
        raise InputError(f"the labels are {labels.dtype} {labels.shape}", "give class ids as uint8 (H, W)")
    said = PngInfo()
    for key, text in (texts or {}).items():
        said.add_text(key, text)
    image = Image.fromarray(labels)
    image.putpalette(voc_palette().ravel().tolist())
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    image.save(path, format="PNG", pnginfo=said)
