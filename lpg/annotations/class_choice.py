"""The classes of a dataset that a configuration keeps, of which none that is written out may be misspelled."""

import difflib
import logging
from collections.abc import Collection, Sequence

from lpg.classes import BACKGROUND, GROUPS, VOID, canonical, plain
from lpg.errors import UNPRINTABLE, InputError

log = logging.getLogger(__name__)

NEAR = 0.8  # difflib's likeness of `cat` and `cats` is 0.86
LIKE = 0.6  # difflib's own


def choose_classes(
    available: Sequence[str],
    keep: str | Sequence[str] | None,
    exclude: str | Sequence[str] | None,
    where: str,
    used: Collection[str] | None = None,
) -> list[str]:
    """The classes of a dataset that a configuration keeps, in the dataset's own order and spelling.

    Arguments:
        keep, exclude: names of classes, or of a group (`voc`), of which any member may be absent.
        where: the dataset's place in the configuration.
        used: the classes that have objects: where there are more than masks hold, only these count.

    Raises:
        InputError: the dataset has no such class, none is left or more than masks hold, or two would count as one.
    """
    keep, exclude = ([names] if isinstance(names, str) else names or () for names in (keep, exclude))
    for name in (*keep, *exclude):
        _check_there(name, available, where)
    kept = {one for name in _members(keep) for one in _named(name, available)} if keep else set(available)
    dropped = {one for name in _members(exclude) for one in _named(name, available)}
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


def _members(names: Sequence[str]) -> list[str]:
    """The names, that of a group replaced by its members."""
    return [member for name in names for member in GROUPS.get(name, (name,))]


def _check_there(name: str, available: Sequence[str], where: str) -> None:
    """Refuse a name that the dataset has not; a member of a group may be absent, if no other is spelled nearly so."""
    known = {canonical(other): other for other in available}
    if name in GROUPS or canonical(name) in known:
        return
    member = any(canonical(name) == canonical(one) for group in GROUPS.values() for one in group)
    close = difflib.get_close_matches(canonical(name), known, n=1, cutoff=NEAR if member else LIKE)
    if close or not member:
        hint = f"did you mean '{known[close[0]]}'?" if close else f"it has {', '.join(available)}"
        raise InputError(f"{where}: the dataset has no class '{name}'", hint)


def _named(name: str, available: Sequence[str]) -> set[str]:
    """The classes that a name may stand for; of those that differ in capitals alone, the one that it spells."""
    same = {other for other in available if canonical(other) == canonical(name)}
    twins = [other for other in same if plain(other) == plain(name)]
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
        if first.setdefault(plain(name), name) != name:
            raise InputError(
                f"{where}: the classes '{first[plain(name)]}' and '{name}' differ in capitals, blanks or the form of "
                "accents alone, and would count as one",
                "rename one of them in the annotation, or exclude it as it is spelled there",
            )


def _tell_synonyms(names: Sequence[str], where: str) -> None:
    first: dict[str, str] = {}
    for name in names:
        if (other := first.setdefault(canonical(name), name)) != name:
            said = "%s: '%s' and '%s' are VOC's and COCO's names of one class: one where classes are merged"
            log.warning(said, where, name, other)
