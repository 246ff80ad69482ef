"""One photograph with its boxes and ids: what every annotation format is turned into, and what every step works on."""

import unicodedata
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from lpg.pixels.box_maps import box_map, box_slices
from lpg.pixels.pictures import read_photograph_again

Id = int | str


@dataclass(frozen=True)
class Photograph:
    """A photograph's boxes, under a class table that its owner knows: a reader's `class_names`, a `BoxTable`'s classes.

    Attributes:
        name: relative path without its ending, unique in its dataset; `<dataset>/<name>` once it is in a file of ours.
        path: the file of pixels.
        height, width: pixels; of a reader's, 0 where its annotation does not state them.
        boxes: float32 (N, 4), x0 y0 x1 y1, edges in pixels: the first pixel spans 0 to 1.
        class_ids: int (N,), 0 is the background and no box's.
        id: the annotation's own key of the photograph.
        object_ids: the annotation's own keys of the N objects.
        excluded: boxes (M, 4) of objects of classes that do not count; their masks are not looked at.
        source: the file (and line or entry) that describes it, for messages.
        upright: whether size and boxes are those of its pixels turned as EXIF says, and not as they are stored.
    """

    name: str
    path: Path | str
    height: int
    width: int
    boxes: np.ndarray
    class_ids: np.ndarray
    id: Id = 0
    object_ids: list[Id] = field(default_factory=list)
    excluded: np.ndarray = field(default_factory=lambda: np.zeros((0, 4), dtype=np.float32))
    source: str = ""
    upright: bool = False

    @cached_property
    def classes(self) -> list[int]:
        """The classes that the boxes name, ascending."""
        return np.unique(self.class_ids).tolist()

    @property
    def pixels(self) -> int:
        """How many pixels it has."""
        return self.height * self.width

    @cached_property  # asked box by box, and there may be a thousand
    def inside(self) -> list[tuple[slice, slice]]:
        """Rows and columns of the pixels of every box."""
        return [box_slices(box, self.height, self.width) for box in self.boxes]

    def laid(self, index: int, mask: np.ndarray) -> np.ndarray:
        """The mask of a box, (h, w) inside its pixels, laid into the photograph: (H, W), 0 outside of the box."""
        whole = np.zeros((self.height, self.width), dtype=mask.dtype)
        whole[self.inside[index]] = mask
        return whole

    def read(self) -> np.ndarray:
        """Its pixels as its boxes count them, uint8 (H, W, 3).

        Raises:
            InputError: it cannot be read, or has not the size that it had when its boxes were read.
        """
        return read_photograph_again(self.path, self.height, self.width, self.upright)

    def box_map(self, class_id: int) -> np.ndarray:
        """y^b of one class, bool (H, W)."""
        return box_map(self.boxes[self.class_ids == class_id], self.height, self.width)

    def box_maps(self) -> np.ndarray:
        """y^b of every class that the boxes name, in the order of `classes`, bool (classes, H, W)."""
        return np.stack([self.box_map(class_id) for class_id in self.classes])


def in_dataset(dataset: str, own: str) -> str:
    """What a photograph is called in our files."""
    return f"{dataset}/{own}"


def dataset_of(name: str) -> str:
    """The dataset that a name in our files begins with."""
    return name.partition("/")[0]


def own_name(name: str) -> str:
    """A photograph's name in its dataset: a relative path without its ending."""
    return name.partition("/")[2]


class PhotographCache:
    """Reads photographs and keeps those that come first, up to `limit` bytes; none is dropped for another.

    Where photographs are asked for at random, each that is kept is as likely to be wanted again as any other.
    """

    def __init__(self, limit: int = 1 << 29) -> None:
        self._left, self._kept = limit, {}

    def __call__(self, image: Photograph) -> np.ndarray:
        """The pixels of a photograph, uint8 (H, W, 3), as `image.read()` gives them."""
        key = image.path, image.upright
        if key in self._kept:
            return self._kept[key]
        photograph = image.read()
        if photograph.nbytes <= self._left:
            self._left -= photograph.nbytes
            self._kept[key] = photograph
        return photograph


def spellings(name: str) -> list[str]:
    """A photograph's name as it is, and as it may be on disk, see `one_spelling`."""
    return list(dict.fromkeys((name, unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name))))


def one_spelling(name: str) -> str:
    """A photograph's name for comparing: an accent may be a letter's or stand by itself, as in macOS's archives."""
    return unicodedata.normalize("NFC", name)
