"""Which box of which photograph a decision is about."""

import logging
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from lpg.errors import InputError
from lpg.photograph import Photograph
from lpg.pseudo_masks.decision_files import Entry
from lpg.pseudo_masks.decision_worth import worth_of_boxes

log = logging.getLogger(__name__)

NAMED = 5  # decisions that a warning names


def match_decisions(
    files: Iterable[Sequence[Entry]], images: Sequence[Photograph], classes: Sequence[str]
) -> dict[str, dict[int, Entry]]:
    """By the name of a photograph and the position of a box in it; of two about the same box the later counts.

    What is about a photograph or an object that is not there is counted in the log.

    Arguments:
        files: the entries of every file, in their order.
        images: the photographs at hand, called `<dataset>/<name>`.
        classes: their class table.

    Raises:
        InputError: a mask is of another size than its photograph.
    """
    found: dict[str, dict[int, Entry]] = {}
    elsewhere, strange = [], []
    index = _Index(images)
    for entries in files:
        of_image: dict[str, list[Entry]] = {}
        for entry in entries:
            image = index.of(entry)
            (of_image.setdefault(image.name, []) if image else elsewhere).append(entry)
        for name, several in of_image.items():
            own, left = _assign(index.named[name], several, classes)
            strange += left
            if own:
                found.setdefault(name, {}).update(own)
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


def _assign(
    image: Photograph, entries: Sequence[Entry], classes: Sequence[str]
) -> tuple[dict[int, Entry], list[Entry]]:
    """What a file says of a photograph, by the position of the box, the nearest first; and what is about no box."""
    for entry in entries:
        _check_size(entry, image)
    rows = entries[::-1]  # of two as near the later
    worth = np.array([worth_of_boxes(entry, image, classes) for entry in rows])
    found: dict[int, Entry] = {}
    while worth.size and worth.max() > 0:
        row, position = np.unravel_index(worth.argmax(), worth.shape)
        found[int(position)] = rows[row]
        worth[row], worth[:, position] = 0, 0
    taken = {id(entry) for entry in found.values()}
    return found, [entry for entry in entries if id(entry) not in taken]


def _report(found: Mapping[str, Mapping[int, Entry]], elsewhere: Sequence[Entry], strange: Sequence[Entry]) -> None:
    kinds = [entry.decision for own in found.values() for entry in own.values()]
    log.info("decisions: %d accepted, %d rejected, %d to redo", *map(kinds.count, ("accept", "reject", "redo")))
    if elsewhere:
        first = elsewhere[0]
        log.warning("%d decisions are about other photographs, the first %s (%s)",
                    len(elsewhere), first.names[0], first.source)  # fmt: skip
    if strange:
        named = [f"object {entry.object_id} of {entry.names[0]} ({entry.source})" for entry in strange[:NAMED]]
        log.warning("%d decisions match no box of their photograph: %s%s",
                    len(strange), ", ".join(named), ", …" * (len(strange) > NAMED))  # fmt: skip
