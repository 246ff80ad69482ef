"""The classes of a dataset that a configuration keeps, of which each that is written out must be there."""

import difflib
from collections.abc import Collection, Sequence

from lpg.classes import GROUPS, canonical, choose_classes
from lpg.errors import InputError


def chosen_classes(
    available: Sequence[str],
    keep: str | Sequence[str] | None,
    exclude: str | Sequence[str] | None,
    where: str,
    used: Collection[str] | None = None,
) -> list[str]:
    """As `lpg.classes.choose_classes`, for which any member of a group may be absent: here one that `voc` stands for.

    Raises:
        InputError: the dataset has no such class, or none is left.
    """
    known = {canonical(name): name for name in available}
    for names in (keep, exclude):
        for name in [names] if isinstance(names, str) else names or ():
            if name not in GROUPS and canonical(name) not in known:
                close = difflib.get_close_matches(canonical(name), known, n=1)
                hint = f"did you mean '{known[close[0]]}'?" if close else f"it has {', '.join(available)}"
                raise InputError(f"{where}: the dataset has no class '{name}'", hint)
    return choose_classes(available, keep, exclude, where, used)
