"""A photograph and its objects as a file lists them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lpg.annotations.image_folder import without_ending
from lpg.annotations.outlines import Outline
from lpg.errors import InputError
from lpg.photograph import Id


@dataclass(frozen=True, slots=True)
class Item:
    """One object.

    Attributes:
        box: x0 y0 x1 y1, edges in pixels, or, in an entry that is `relative`, in parts of width and height.
        id: the annotation's own key, or its number or line in the file.
        outline: its parts, polygons in the same units or crops of a mask; None of an object that is a box alone.
    """

    class_name: str
    box: tuple[float, float, float, float]
    id: Id
    outline: Outline | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A photograph and its objects, as a file has them.

    Attributes:
        path: relative to the folder of the photographs.
        source: the file that describes it, for messages.
        size: height and width that it states; None where it does not.
        relative: whether coordinates are parts of width and height, of the upright photograph.
        problem: why its objects cannot be read.
    """

    path: str
    source: str
    items: Sequence[Item] = ()
    size: tuple[int, int] | None = None
    id: Id | None = None
    relative: bool = False
    problem: InputError | None = None

    @property
    def name(self) -> str:
        return without_ending(self.path)

    def outline(self, item: Item, height: int, width: int) -> Outline:
        """The outline of one of its objects, in pixels of the photograph."""
        if not self.relative:
            return item.outline
        return [self.in_pixels(polygon, height, width) for polygon in item.outline]

    def in_pixels(self, numbers: Sequence[float], height: int, width: int) -> np.ndarray:
        """Coordinates x y x y … as the file has them, in pixels of the photograph, float64."""
        points = np.reshape(np.asarray(numbers, dtype=np.float64), (-1, 2))
        return (points * ((width, height) if self.relative else 1)).ravel()


def classes_of(entries: Sequence[Entry], declared: Sequence[str] | None) -> list[str]:
    """The classes that are declared, each once, and those that objects have beside them, in the alphabet's order."""
    found = {item.class_name for entry in entries for item in entry.items}
    return list(dict.fromkeys([*(declared or ()), *sorted(found)]))


def check_declared(entries: Sequence[Entry], declared: Sequence[str] | None) -> None:
    """Refuse an object of a class that a table of classes, if there is one, does not have."""
    for entry in entries if declared else ():
        for item in entry.items:
            if item.class_name not in declared:
                known = ", ".join(declared)
                raise InputError(
                    f"{entry.source}: class '{item.class_name}' is not in class_names ({known})", "mend one of them"
                )
