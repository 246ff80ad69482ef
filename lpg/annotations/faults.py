"""All that is wrong with an input in one refusal: whoever mends it wants to know everything at once."""

import logging
from collections.abc import Sequence

from lpg.errors import InputError, one_line

log = logging.getLogger(__name__)

SHOWN = 10


def refuse(faults: Sequence[InputError], what: str) -> None:
    """Raise a fault, if there is one; of several the first ten stand in the log.

    Arguments:
        what: the input that has them, for the message.

    Raises:
        InputError: the fault, or their number and the first of them.
    """
    if not faults:
        return
    first = faults[0]
    if len(faults) == 1:
        raise first
    for fault in faults[:SHOWN]:
        log.error("%s", one_line(fault.fault))
    shown = f"the first {SHOWN} stand above" if len(faults) > SHOWN else "they stand above"
    raise InputError(
        f"{what} has {len(faults)} faults, {shown}; the first: {first.fault}", first.remedy, permission=first.permission
    )
