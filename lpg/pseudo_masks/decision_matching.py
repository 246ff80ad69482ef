"""Which box of which photograph a decision is about."""

import logging
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from pycocotools import mask as rle

from lpg.classes import canonical
from lpg.errors import InputError
from lpg.photograph import Photograph
from lpg.pseudo_masks.decision_files import Entry

log = logging.getLogger(__name__)

NEAR = 0.5  # IoU of a mask's own box and a box from which on they are one object
SAME_KEY = 0.5  # what an equal key is worth beside that IoU


def match_decisions(
    entries: Iterable[Entry], images: Sequence[Photograph], classes: Sequence[str]
) -> dict[str, dict[int, Entry]]:
    """By the name of a photograph and the position of a box in it; of two about the same box the later counts.

    What is about a photograph or an object that is not there is counted in the log.

    Arguments:
        images: the photographs at hand, called `<dataset>/<name>`.
        classes: their class table.

    Raises:
        InputError: a mask is of another size than its photograph.
    """
    found: dict[str, dict[int, Entry]] = {}
    waiting: dict[str, list[Entry]] = {}
    elsewhere, strange = [], []
    index = _Index(images)
    for entry in entries:
        image = index.of(entry)
        if image is None:
            elsewhere.append(entry)
            continue
        _check_size(entry, image)
        if entry.class_name is not None:
            waiting.setdefault(image.name, []).append(entry)
            continue
        position = _position(image, entry)
        if position is None:
            strange.append(entry)
        else:
            found.setdefault(image.name, {})[position] = entry
    for name, several in waiting.items():
        own = _by_place(index.named[name], several, classes)
        found.setdefault(name, {}).update(own)
        strange += [entry for entry in several if entry not in own.values()]
    _report(found, elsewhere, strange)
    return found


class _Index:
    """Photographs by every name that a file may give them."""

    def __init__(self, images: Sequence[Photograph]) -> None:
        self.named = {image.name: image for image in images}
        self._short: dict[str, Photograph | None] = {}
        for image in images:
            short = image.name.partition("/")[2]
            self._short[short] = None if short in self._short else image  # of two datasets; then it names neither

    def of(self, entry: Entry) -> Photograph | None:
        for table in (self.named, self._short):
            for name in entry.names:
                if table.get(name):
                    return table[name]
        return None


def _check_size(entry: Entry, image: Photograph) -> None:
    if entry.mask and tuple(entry.mask["size"]) != (image.height, image.width):
        height, width = entry.mask["size"]
        raise InputError(
            f"{entry.source}: its mask is {width}×{height} pixels, but {image.name} is {image.width}×{image.height}",
            "give the mask at the size of its photograph, or take it out",
        )


def _position(image: Photograph, entry: Entry) -> int | None:
    keys = [str(key) for key in image.object_ids]
    return keys.index(str(entry.object_id)) if str(entry.object_id) in keys else None


def _by_place(image: Photograph, entries: Sequence[Entry], classes: Sequence[str]) -> dict[int, Entry]:
    """Objects of another tool, which may have numbered them anew: by class and place, and by key where that agrees."""
    worth = np.array([[_worth(image, position, entry, classes) for position in range(len(image.boxes))]
                      for entry in entries])  # fmt: skip
    found: dict[int, Entry] = {}
    while worth.size and worth.max() >= NEAR:
        row, position = np.unravel_index(worth.argmax(), worth.shape)
        found[int(position)] = entries[row]
        worth[row], worth[:, position] = 0, 0
    return found


def _worth(image: Photograph, position: int, entry: Entry, classes: Sequence[str]) -> float:
    """How likely a box is an object's: the IoU with the box of its mask, and more if the keys are one; else 0."""
    if canonical(classes[image.class_ids[position]]) != canonical(entry.class_name):
        return 0.0
    x, y, width, height = rle.toBbox(entry.mask)
    x0, y0, x1, y1 = image.boxes[position].tolist()
    common = max(0.0, min(x1, x + width) - max(x0, x)) * max(0.0, min(y1, y + height) - max(y0, y))
    iou = common / ((x1 - x0) * (y1 - y0) + width * height - common)
    return iou + SAME_KEY * (str(image.object_ids[position]) == str(entry.object_id)) if iou > 0 else 0.0


def _report(found: Mapping[str, Mapping[int, Entry]], elsewhere: Sequence[Entry], strange: Sequence[Entry]) -> None:
    kinds = [entry.decision for own in found.values() for entry in own.values()]
    log.info("decisions: %d accepted, %d rejected, %d to redo", *map(kinds.count, ("accept", "reject", "redo")))
    if elsewhere:
        first = elsewhere[0]
        log.warning("%d decisions are about other photographs, the first %s (%s)",
                    len(elsewhere), first.names[0], first.source)  # fmt: skip
    if strange:
        first = strange[0]
        log.warning("%d decisions match no box of their photograph, the first object %s of %s (%s)",
                    len(strange), first.object_id, first.names[0], first.source)  # fmt: skip
