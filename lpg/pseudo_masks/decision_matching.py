"""Which box of which photograph a decision is about."""

import logging
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np

from lpg.errors import InputError
from lpg.photograph import Photograph, dataset_of, one_spelling, own_name
from lpg.pseudo_masks.decision_files import Entry
from lpg.pseudo_masks.decision_worth import worth_of_boxes

log = logging.getLogger(__name__)

UNNAMED = "photographs"  # the dataset of `lpg masks`
NAMED = 5  # decisions that a warning names


def match_decisions(
    files: Iterable[Sequence[Entry]],
    images: Sequence[Photograph],
    classes: Sequence[str],
    about: Container[str] | None = None,
) -> dict[str, dict[int, Entry]]:
    """By the name of a photograph and the position of a box in it; of two about the same box the later counts.

    What is about a photograph or an object that is not there, or may be about several photographs, is counted in the
    log.

    Arguments:
        files: the entries of every file, in their order.
        images: the photographs at hand, called `<dataset>/<name>`.
        classes: their class table.
        about: the names of those whose decisions are wanted; None for all.

    Raises:
        InputError: a mask is of another size than its photograph.
    """
    found: dict[str, dict[int, Entry]] = {}
    elsewhere, unclear, strange = [], [], []
    index = _Index(images)
    for entries in files:
        of_image: dict[str, list[Entry]] = {}
        for entry in entries:
            match index.of(entry):
                case []:
                    elsewhere.append(entry)
                case [image] if about is None or image.name in about:
                    of_image.setdefault(image.name, []).append(entry)
                case [first, second, *_]:
                    unclear.append((entry, first, second))
        for name, several in of_image.items():
            own, left = _assign(index.named[name], several, classes)
            strange += left
            if own:
                found.setdefault(name, {}).update(own)
    _report(found, elsewhere, unclear, strange)
    return found


class _Index:
    """Photographs by every name that a file may give them."""

    def __init__(self, images: Sequence[Photograph]) -> None:
        self.named = {image.name: image for image in images}
        self._called: dict[str, list[Photograph]] = {}
        self._short: dict[str, list[Photograph]] = {}
        for image in images:
            name = one_spelling(image.name)
            self._called.setdefault(name, []).append(image)
            self._short.setdefault(own_name(name), []).append(image)

    def of(self, entry: Entry) -> list[Photograph]:
        """The photograph that an entry is about; several if it may be about any of them."""
        for place, name in enumerate(entry.names):
            key = one_spelling(name)
            found = [self.named[name]] if name in self.named else self._called.get(key) or self._short.get(key)
            if place < entry.whole:
                found = found or self._short_of_others(key)
            if found:
                return found if place < entry.whole else self._ending[key]
        return []

    def _short_of_others(self, key: str) -> list[Photograph] | None:
        """The photographs of the same name in another dataset, if one of the two datasets is `UNNAMED`."""
        name = own_name(key)
        called = {dataset_of(one.name) for one in self._short.get(name, ())}
        return self._short[name] if called and (dataset_of(key) == UNNAMED or called == {UNNAMED}) else None

    @cached_property
    def _ending(self) -> dict[str, list[Photograph]]:
        """Photographs by all that is left of their names without their first folders."""
        ending: dict[str, list[Photograph]] = {}
        for name, images in self._called.items():
            folders = name.split("/")
            for start in range(len(folders)):
                ending.setdefault("/".join(folders[start:]), []).extend(images)
        return ending


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


def _report(
    found: Mapping[str, Mapping[int, Entry]],
    elsewhere: Sequence[Entry],
    unclear: Sequence[tuple[Entry, Photograph, Photograph]],
    strange: Sequence[Entry],
) -> None:
    kinds = [entry.decision for own in found.values() for entry in own.values()]
    log.info("decisions: %d accepted, %d rejected, %d to redo", *map(kinds.count, ("accept", "reject", "redo")))
    if elsewhere:
        first = elsewhere[0]
        log.warning("%d decisions are about other photographs, the first %s (%s)",
                    len(elsewhere), first.names[0], first.source)  # fmt: skip
    if unclear:
        entry, *several = unclear[0]
        log.warning(
            "%d decisions may be about several photographs and are left out, the first, %s (%s), about %s or %s: "
            "write the folders of the photograph and no others",
            len(unclear), entry.names[entry.whole - 1], entry.source, *(image.name for image in several),
        )  # fmt: skip
    if strange:
        named = [f"object {entry.object_id} of {entry.names[0]} ({entry.source})" for entry in strange[:NAMED]]
        log.warning("%d decisions match no box of their photograph: %s%s",
                    len(strange), ", ".join(named), ", …" * (len(strange) > NAMED))  # fmt: skip
