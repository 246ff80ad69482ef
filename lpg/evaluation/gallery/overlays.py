"""Masks and boxes over photographs: arrays in, pictures out."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lpg.classes import VOID
from lpg.pixels.pictures import voc_palette

Rectangle = tuple[float, float, float, float]


def overlay(photograph: np.ndarray, labels: np.ndarray, objects: np.ndarray | None = None) -> np.ndarray:
    """Class colours over a greyed photograph, uint8 (H, W, 3), with a white line around every object.

    Arguments:
        photograph: uint8 (H, W, 3).
        labels: class ids, uint8 (H, W); void is lightened and has no line.
        objects: which object a pixel belongs to, int (H, W), 0 for none; without it, lines are around classes.
    """
    grey = (photograph.sum(axis=2, dtype=np.uint16) // 3)[..., None].repeat(3, axis=2)
    masked, void = (labels > 0) & (labels != VOID), labels == VOID
    painted = np.where(masked[..., None], (35 * grey + 65 * palette()[labels].astype(np.uint16)) // 100, grey)
    painted[void] = grey[void] // 2 + 127
    parts = np.where(masked, labels.astype(np.int32), 0)
    if objects is not None:
        parts += 256 * np.where(masked, objects, 0)
    painted[_lines(parts, width=_line_width(photograph))] = 255
    return painted.astype(np.uint8)


def _lines(parts: np.ndarray, width: int) -> np.ndarray:
    """The lines around the parts of a map, int (H, W), and between them, bool (H, W): outside, to hide no small one."""
    lines = np.zeros(parts.shape, dtype=bool)
    for one, other in ((np.s_[:-1], np.s_[1:]), (np.s_[:, :-1], np.s_[:, 1:])):
        differ = parts[one] != parts[other]
        lines[one] |= differ & ((parts[one] == 0) | (parts[other] > 0))
        lines[other] |= differ & ((parts[other] == 0) | (parts[one] > 0))
    wider = cv2.dilate(lines.astype(np.uint8), np.ones((3, 3), np.uint8), iterations=width - 1) > 0
    return lines | (wider & (parts == 0))


def _line_width(photograph: np.ndarray) -> int:
    """The width of lines: a pixel in a picture of 320, more in a larger one, which is shown as small."""
    return max(1, round(max(photograph.shape[:2]) / 320))


def object_map(masks: Sequence[np.ndarray], class_ids: Sequence[int], labels: np.ndarray) -> np.ndarray:
    """Which object every pixel of a label map belongs to, uint16 (H, W): 1, 2, …, and 0 for none; the smaller on top.

    Arguments:
        masks: of every object, bool (H, W); it counts where the label map has its class.
    """
    objects = np.zeros(labels.shape, dtype=np.uint16)
    for index in sorted(range(len(masks)), key=lambda index: -np.count_nonzero(masks[index])):
        objects[masks[index] & (labels == class_ids[index])] = index + 1
    return objects


def draw_boxes(
    photograph: np.ndarray, boxes: np.ndarray, class_ids: Sequence[int], classes: Sequence[str]
) -> np.ndarray:
    """Thin boxes in the colours of their classes, and names beside them where there is room, uint8 (H, W, 3).

    Arguments:
        boxes: (N, 4), x0 y0 x1 y1 in pixels of the photograph.
    """
    picture, width = Image.fromarray(photograph), _line_width(photograph)
    pen = ImageDraw.Draw(picture)
    for (x0, y0, x1, y1), class_id in zip(boxes.tolist(), class_ids, strict=True):
        x1, y1 = max(x0, x1 - 1), max(y0, y1 - 1)  # the last pixel
        pen.rectangle((x0 - 1, y0 - 1, x1 + 1, y1 + 1), outline="white", width=width + 2)
        pen.rectangle((x0, y0, x1, y1), outline=hex_colour(class_id), width=width)
    names, letters = [classes[class_id] for class_id in class_ids], font(9 + 3 * width)
    for place, name in zip(_places(boxes.tolist(), names, picture.size, letters), names, strict=True):
        if place:
            pen.text(place, name, font=letters, fill="white", stroke_width=width, stroke_fill="black")
    return np.asarray(picture)


def _places(
    boxes: list[Rectangle], names: list[str], size: tuple[int, int], letters: ImageFont.FreeTypeFont
) -> Iterator[tuple[float, float] | None]:
    """Where each name goes: above its box, below it, or in its corner if the box is large; nowhere over another."""
    taken: list[Rectangle] = []
    for (x0, y0, x1, y1), name in zip(boxes, names, strict=True):
        wide, high = letters.getlength(name) + 4, letters.size + 5
        x = max(2, min(x0, size[0] - wide))
        corner = [y0 + 3] if y1 - y0 > 4 * high and x1 - x0 > 1.5 * wide else []
        free = [
            (x, y, x + wide, y + high)
            for y in (y0 - high, y1 + 2, *corner)
            if 0 <= y <= size[1] - high and not any(_meet((x, y, x + wide, y + high), other) for other in taken)
        ]
        taken += free[:1]
        yield free[0][:2] if free else None


def _meet(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def fit(pixels: np.ndarray, side: int) -> np.ndarray:
    """Scale a photograph or a map of ids so that its long side is `side`; ids keep their values."""
    height, width = pixels.shape[:2]
    factor = side / max(height, width)
    size = max(1, round(factor * width)), max(1, round(factor * height))
    smooth = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return cv2.resize(pixels, size, interpolation=smooth if pixels.ndim == 3 else cv2.INTER_NEAREST_EXACT)


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which comes with matplotlib and has the letters of most languages."""
    import matplotlib

    return ImageFont.truetype(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"), size)


@cache
def palette() -> np.ndarray:
    """VOC's colours, uint8 (256, 3), but for its greys, which would not be seen on a greyed photograph."""
    colours = voc_palette()
    colours[[7, 56, 63]] = (255, 100, 170), (255, 140, 0), (0, 190, 255)
    return colours


def hex_colour(class_id: int) -> str:
    """The colour of a class over photographs, as `#800000`."""
    return "#" + bytes(palette()[class_id].tolist()).hex()
