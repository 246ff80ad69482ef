"""Photographs and boxes as people give them in Python: refused where they would pass as what they are not."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from lpg.errors import InputError
from lpg.pixels.pictures import EXIF_ORIENTATION, image_given

SLACK = 0.05  # by which a network's boxes, in parts of the sides, leave the photograph


def photograph_given(image: np.ndarray | Image.Image) -> np.ndarray:
    """A photograph, uint8 (H, W, 3); of Pillow's images, which may have three channels of other kinds, RGB alone.

    An image that EXIF turns is refused: nothing tells which pixels are meant.

    Raises:
        InputError: it is none.
    """
    if isinstance(image, Image.Image) and image.mode != "RGB":
        raise InputError(f"the image is {image.mode} and not RGB", 'give image.convert("RGB")')
    if isinstance(image, Image.Image) and _is_turned(image):
        raise InputError(
            "EXIF says that the image is to be turned, and boxes may be of its pixels as they are stored or shown",
            "give ImageOps.exif_transpose(image) if they are of those that are shown, else numpy.asarray(image)",
        )
    return image_given(image.detach() if hasattr(image, "detach") else image)


def _is_turned(image: Image.Image) -> bool:
    """Whether EXIF turns it, as far as EXIF can be read; Pillow has turned a TIFF."""
    try:
        return image.format != "TIFF" and image.getexif().get(EXIF_ORIENTATION) in range(2, 9)
    except Exception:  # it is whatever a camera wrote
        return False


def boxes_given(boxes: Sequence, height: int, width: int) -> np.ndarray:
    """Boxes, float32 (N, 4), x0 y0 x1 y1, cut to a photograph.

    Raises:
        InputError: they are no array (N, 4), are parts of the photograph's sides, even if some of them leave it a
            little, or one has no area inside the photograph.
    """
    if hasattr(boxes, "to_numpy"):  # a table of pandas
        boxes = boxes.to_numpy()
    if hasattr(boxes, "detach"):  # a tensor, which numpy may not know the kind of
        boxes = boxes.detach().cpu().float().numpy()
    try:
        edges = np.asarray(boxes, dtype=np.float32)
    except OverflowError:
        raise InputError("a box has a number that is too large for any", "give x0 y0 x1 y1 in pixels") from None
    except (ValueError, TypeError):
        edges = np.zeros(1)
    if edges.shape[1:] != (4,) and edges.size:
        raise InputError("the boxes are no array of numbers (N, 4)", "give x0 y0 x1 y1 of every box")
    edges = edges.reshape(-1, 4)
    if ((edges >= -SLACK) & (edges <= 1 + SLACK)).all() and (edges % 1 > 0).any():
        raise InputError(
            "every box lies within the first pixel, so its numbers are parts of width and height",
            "multiply them by the image's width and height",
        )
    edges = np.clip(edges, 0, np.array([width, height, width, height], dtype=np.float32))
    flat = np.flatnonzero(~(edges[:, 2:] > edges[:, :2]).all(axis=1))  # an edge that is no number too
    if flat.size:
        raise InputError(
            f"box {flat[0]} ({boxes[flat[0]]}) has no area inside the image of {width}×{height} pixels",
            "give x0 y0 x1 y1 in pixels",
        )
    return edges


def classes_given(classes: Sequence[int], count: int) -> np.ndarray:
    """Class ids, int (count,).

    Raises:
        InputError: they are not as many, or one is no whole number from 1 on.
    """
    remedy = "give a whole number from 1 on for every box"
    try:
        numbers = np.asarray(classes)
    except ValueError:  # of several lengths
        numbers = np.zeros((0, 0))
    if numbers.shape != (count,) or numbers.dtype.kind not in "iuf":
        raise InputError(f"the classes are no array of {count} numbers", remedy)
    whole = (numbers >= 1) & (numbers < 2**53) & (np.floor(numbers) == numbers)  # from there on floats skip some
    if not whole.all():
        index = np.argmin(whole)
        raise InputError(f"the class of box {index} is {numbers[index]:g}", remedy)
    return numbers.astype(int)
