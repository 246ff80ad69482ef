"""The reader over entries: what formats have in common whose files list the objects of every photograph."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from pycocotools import mask as rle

from lpg.annotations.class_choice import choose_classes
from lpg.annotations.entry import Entry, Item
from lpg.annotations.filling import COCO, Filling
from lpg.annotations.image_folder import ImageFolder, tails, without_ending
from lpg.annotations.image_lists import read_lines
from lpg.annotations.reader import NO_MASKS
from lpg.annotations.texts import unreadable
from lpg.errors import InputError
from lpg.photograph import Photograph
from lpg.pixels.pictures import TRANSPOSED, read_orientation, read_upright_size

WRITTEN = 0.01  # of a pixel: six digits of a part of the width tell no less; an edge so near to a whole one is it


class EntryAnnotations:
    """A `lpg.annotations.reader.Reader` over entries.

    Arguments:
        class_names: the classes, in the order of their ids.
        split: a list of some of the photographs, one a line, with or without ending; all of them by default.
        keep, exclude: classes, or the name of a group of classes.
        filling: how its tool makes pixels of an outline.
        form: what four numbers a box has, see `lpg.annotations.box_readings.FORMS`.
        stored: whether parts of width and height are those of the photograph as its file has it, and not upright.
    """

    def __init__(
        self,
        folder: ImageFolder,
        entries: Sequence[Entry],
        class_names: Sequence[str],
        *,
        split: str | None = None,
        keep: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        where: str = "dataset",
        filling: Filling = COCO,
        form: str = "corners",
        stored: bool = False,
    ) -> None:
        self.root, self.list, self.form, self._filling, self._stored = folder.root, split, form, filling, stored
        self._entries = _by_name(entries, where)
        items = [item for entry in entries for item in entry.items]
        self._has_masks = any(item.outline for item in items)
        _check_table(class_names, entries, where)
        used = {item.class_name for item in items}
        self.class_names = choose_classes(class_names, keep, exclude, where, used)
        self._ids = {name: index for index, name in enumerate(self.class_names, start=1)}

    def names(self) -> list[str]:
        """The photographs, in the order of the file, or of the list."""
        if self.list is None:
            return list(self._entries)
        return [self._named(line) for line in read_lines(self.list)]

    def _named(self, line: str) -> str:
        for tail in tails(line):
            for name in (tail, without_ending(tail)):
                if name in self._entries:
                    return name
        raise InputError(f"{self.list}: no annotation is of an image '{line}'", "mend the list")

    def record(self, name: str) -> Photograph:
        """The boxes of the kept classes on one photograph."""
        entry = self._entries[name]
        if entry.problem:
            raise entry.problem
        path = self.root / entry.path
        height, width = entry.size or (self._sides(path) if entry.relative else (0, 0))
        kept = [item for item in entry.items if item.class_name in self._ids]
        others = [item for item in entry.items if item.class_name not in self._ids]
        return Photograph(
            name=name,
            path=path,
            source=entry.source,
            height=height,
            width=width,
            boxes=self._edges(kept, entry, height, width),
            class_ids=np.array([self._ids[item.class_name] for item in kept], dtype=np.uint8),
            id=name if entry.id is None else entry.id,
            object_ids=[item.id for item in kept],
            excluded=self._edges(others, entry, height, width),
        )

    def _sides(self, path: Path) -> tuple[int, int]:
        """The height and width of a photograph of which coordinates are parts."""
        sides = read_upright_size(path)
        return sides[::-1] if self._stored and read_orientation(path) in TRANSPOSED else sides

    def _edges(self, items: Sequence[Item], entry: Entry, height: int, width: int) -> np.ndarray:
        boxes = [self._box(item, entry, height, width) for item in items]
        edges = np.array(boxes, dtype=np.float64).reshape(-1, 4)
        whole = edges.round()
        near = entry.relative & (np.abs(edges - whole) < WRITTEN)
        return np.where(near, whole, edges).astype(np.float32)

    def _box(self, item: Item, entry: Entry, height: int, width: int) -> Sequence[float]:
        """The box around an outline's pixels, if the photograph's size is known, which may cut them; else its own."""
        drawn = item.outline and width and self._filling.box(entry.outline(item, height, width), height, width)
        return drawn or entry.in_pixels(item.box, height, width)

    def label_map(self, photograph: Photograph) -> np.ndarray:
        """Class ids, uint8 (H, W): smaller objects on top, other classes background."""
        labels = np.zeros((photograph.height, photograph.width), dtype=np.uint8)
        kept = [item for item in self._entries[photograph.name].items if item.class_name in self._ids]
        masks = [(self._ids[item.class_name], self._mask(item, photograph)) for item in kept]
        for class_id, mask in sorted(masks, key=lambda pair: -int(rle.area(pair[1]))):
            labels[rle.decode(mask) > 0] = class_id
        return labels

    def instance_masks(self, photograph: Photograph) -> Iterator[np.ndarray]:
        """One mask per box, uint8 (H, W), 1 on the object."""
        items = {item.id: item for item in self._entries[photograph.name].items}
        masks = [self._mask(items[key], photograph) for key in photograph.object_ids]
        return map(rle.decode, masks)

    def _mask(self, item: Item, photograph: Photograph) -> dict:
        if item.outline is None:
            if not self._has_masks:
                raise InputError(f"{photograph.source}: this dataset has boxes and no mask", NO_MASKS)
            raise unreadable(
                f"{photograph.source}: object {item.id} ({item.class_name}) is a box and no mask", NO_MASKS
            )
        size = photograph.height, photograph.width
        return self._filling.run_lengths(self._entries[photograph.name].outline(item, *size), *size)


def _by_name(entries: Sequence[Entry], where: str) -> dict[str, Entry]:
    named: dict[str, Entry] = {}
    for entry in entries:
        first = named.setdefault(entry.name, entry)
        if first is not entry:
            both = " and ".join(f"{one.path} ({one.source})" for one in (first, entry))
            raise InputError(f"{where}: {both} have one name, '{entry.name}'", "rename one, or mend what it describes")
    return named


def _check_table(class_names: Sequence[str], entries: Sequence[Entry], where: str) -> None:
    problem = next((entry.problem for entry in entries if entry.problem), None)
    if not class_names and problem:
        raise problem
    if not class_names:
        raise InputError(f"{where}: its annotations have no object", "look at the path of the annotations")
