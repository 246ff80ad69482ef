"""What a job says while it runs."""

import logging
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

log = logging.getLogger(__name__)
Item = TypeVar("Item")


def track(items: Sequence[Item], what: str, every: float = 15.0) -> Iterator[Item]:
    """Pass the items through, with a line of progress every `every` seconds."""
    started = reported = time.monotonic()
    for done, item in enumerate(items):
        yield item
        now = time.monotonic()
        if now - reported > every:
            rate = (done + 1) / (now - started)
            left = (len(items) - done - 1) / rate
            log.info("%d of %d %s  %.1f/s  %d:%02d left", done + 1, len(items), what, rate, left // 60, left % 60)
            reported = now
