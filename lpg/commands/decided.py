"""What people have decided about masks, looked at before a photograph is read."""

from collections.abc import Sequence

from lpg.errors import InputError
from lpg.pseudo_masks.decision_files import read_decisions


def check_decisions(paths: Sequence[str], rejected: str) -> None:
    """Refuse files that hold no decisions, and words about decisions where there are none.

    Arguments:
        rejected: what becomes of a rejected mask, `void` by default.
    """
    if rejected != "void" and not paths:
        raise InputError("--rejected is about decisions, and there are none", "add --decisions, or leave it out")
    read_decisions(paths)
