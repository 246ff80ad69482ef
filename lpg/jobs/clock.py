"""A clock that was set back, and clocks that differ between machines: seen before a job has worked for days."""

import logging
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from lpg.errors import InputError

log = logging.getLogger(__name__)

PATIENCE = 10.0  # seconds; by so much the clocks of machines may differ


def await_clock(inputs: Iterable[str | Path]) -> None:
    """Return when no input is newer than now, for an output that is older than its inputs counts as not made.

    Raises:
        InputError: that would take too long.
    """
    times = [(path.stat().st_mtime, path) for path in map(Path, inputs) if path.exists()]
    newest, path = max(times, default=(0.0, None))
    ahead = newest - time.time()
    if ahead > PATIENCE:
        raise InputError(
            f"{path} is of {datetime.fromtimestamp(newest):%Y-%m-%d %H:%M:%S}, and this machine's clock stands at "
            f"{datetime.now():%Y-%m-%d %H:%M:%S}: what is made of it now would count as older than it",
            f"set the clock right, or if it is right: touch {path}",
        )
    if ahead > 0:
        log.info("%s is %.1f s ahead of this machine's clock: waiting", path, ahead)
        time.sleep(ahead)
