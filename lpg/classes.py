"""Class tables, always matched by name, never by number. Index 0 is the background."""

import difflib
import logging
import unicodedata
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from lpg.errors import UNPRINTABLE, InputError

log = logging.getLogger(__name__)

BACKGROUND = "background"
VOID = 255

VOC = (
    "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow",
    "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
)  # fmt: skip

# The six classes that COCO spells differently, as COCO: VOC.
SPELLINGS = {
    "airplane": "aeroplane",
    "couch": "sofa",
    "dining table": "diningtable",
    "motorcycle": "motorbike",
    "potted plant": "pottedplant",
    "tv": "tvmonitor",
}

GROUPS = {"voc": VOC}


def canonical(name: str) -> str:
    """One spelling for the same class, so that COCO's `tv` and VOC's `tvmonitor` are seen to be one."""
    name = _plain(name)
    return SPELLINGS.get(name, name)


def expand(names: str | Sequence[str]) -> list[str]:
    """Replace the name of a group (`voc`) by its members."""
    names = [names] if isinstance(names, str) else names
    return [member for name in names for member in GROUPS.get(name, (name,))]


def choose_classes(
    available: Sequence[str],
    keep: str | Sequence[str] | None,
    exclude: str | Sequence[str] | None,
    where: str,
    used: Collection[str] | None = None,
) -> list[str]:
    """The classes of a dataset that a configuration keeps, in the dataset's own order and spelling.

    A name that is meant for this dataset and is not in it is refused; a member of a group may be absent.

    Arguments:
        used: the classes that have objects: where there are more than masks hold, only these count.
    """
    known = {canonical(name) for name in available}
    members = {canonical(member) for group in GROUPS.values() for member in group}
    for name in [*expand(keep or []), *expand(exclude or [])]:
        if canonical(name) not in known | members:
            close = difflib.get_close_matches(name, available, n=1)
            hint = f"did you mean '{close[0]}'?" if close else f"it has {', '.join(available)}"
            raise InputError(f"{where}: the dataset has no class '{name}'", f"{hint}")
    kept = {one for name in expand(keep) for one in _named(name, available)} if keep else set(available)
    dropped = {one for name in expand(exclude or []) for one in _named(name, available)}
    chosen = [name for name in available if name in kept - dropped]
    if len(chosen) >= VOID and used is not None:
        chosen = [name for name in chosen if name in used]
    if not chosen:
        raise InputError(f"{where}: no class is left", f"the dataset has {', '.join(available)}")
    if len(chosen) >= VOID:
        raise InputError(f"{where}: it has {len(chosen)} classes, and 8-bit masks hold {VOID - 1}", "exclude some")
    _refuse_mistakable(chosen, where)
    _tell_synonyms(chosen, where)
    return chosen


def _named(name: str, available: Sequence[str]) -> set[str]:
    """The classes that a name may stand for; of those that differ in capitals alone, the one that it spells."""
    same = {other for other in available if canonical(other) == canonical(name)}
    twins = [other for other in same if _plain(other) == _plain(name)]
    return {name} if name in same and len(twins) > 1 else same


def _refuse_mistakable(names: Sequence[str], where: str) -> None:
    """Classes are matched in any spelling: of those that differ in capitals alone, one would take the other's boxes."""
    first: dict[str, str] = {}
    for name in names:
        if not name.strip() or UNPRINTABLE.search(name):
            raise InputError(
                f"{where}: a class is called '{name}', which is no line of text", "rename it in the annotation"
            )
        if canonical(name) == BACKGROUND:
            raise InputError(
                f"{where}: a class is called '{name}', as is what lies outside of all objects",
                "rename it in the annotation, or exclude it",
            )
        if first.setdefault(_plain(name), name) != name:
            raise InputError(
                f"{where}: the classes '{first[_plain(name)]}' and '{name}' differ in capitals, blanks or the form of "
                "accents alone, and would count as one",
                "rename one of them in the annotation, or exclude it as it is spelled there",
            )


def _tell_synonyms(names: Sequence[str], where: str) -> None:
    first: dict[str, str] = {}
    for name in names:
        if (other := first.setdefault(canonical(name), name)) != name:
            said = "%s: '%s' and '%s' are VOC's and COCO's names of one class: one where classes are merged"
            log.warning(said, where, name, other)


def _plain(name: str) -> str:
    """Without capitals, and with accents as letters' own, which macOS lets stand by themselves."""
    return unicodedata.normalize("NFC", name.strip().lower())


def merge(tables: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """The union of class tables by name, in order of first appearance, background first."""
    merged: dict[str, str] = {}
    for table in tables:
        for name in table:
            merged.setdefault(canonical(name), name)
    if len(merged) > VOID:
        raise InputError(f"the datasets have {len(merged)} classes", f"8-bit masks hold {VOID - 1}: exclude some")
    return tuple(merged.values())


def translate(source: Sequence[str], target: Sequence[str], where: str) -> np.ndarray:
    """A uint8 look-up table (256,) from class ids of one table to those of another; void stays void.

    Raises:
        InputError: a class of `source` is not in `target`.
    """
    position = {canonical(name): index for index, name in enumerate(target)}
    table = np.full(256, VOID, dtype=np.uint8)
    for index, name in enumerate(source):
        if canonical(name) not in position:
            raise InputError(f"{where}: class '{name}' is not in the class table {', '.join(target)}")
        table[index] = position[canonical(name)]
    return table
