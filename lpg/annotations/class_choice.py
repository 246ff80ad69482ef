"""The classes of a dataset that a configuration keeps, of which none that is written out may be misspelled."""

import difflib
from collections.abc import Collection, Sequence

from lpg.classes import GROUPS, canonical, choose_classes
from lpg.errors import InputError

NEAR = 0.8  # difflib's likeness of `cat` and `cats` is 0.86


def chosen_classes(
    available: Sequence[str],
    keep: str | Sequence[str] | None,
    exclude: str | Sequence[str] | None,
    where: str,
    used: Collection[str] | None = None,
) -> list[str]:
    """As `lpg.classes.choose_classes`, for which any member of a group may be absent.

    One that is written out is refused, if another is spelled nearly as it is.

    Raises:
        InputError: the dataset has no such class, or none is left; also as `choose_classes`.
    """
    known = {canonical(name): name for name in available}
    for names in (keep, exclude):
        for name in [names] if isinstance(names, str) else names or ():
            if name not in GROUPS and canonical(name) not in known:
                for close in difflib.get_close_matches(canonical(name), known, n=1, cutoff=NEAR):
                    raise InputError(f"{where}: the dataset has no class '{name}'", f"did you mean '{known[close]}'?")
    return choose_classes(available, keep, exclude, where, used)
