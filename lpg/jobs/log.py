"""What a job says while it runs."""

import logging
import time
import warnings
from collections.abc import Iterator, Sequence
from typing import TypeVar

log = logging.getLogger(__name__)
Item = TypeVar("Item")


def hush_pillow() -> None:
    """Hush the warnings of Pillow, which name no file.

    They are of large pictures, of which lpg has limits of its own, and of palettes with transparent colours, which are
    read as colours.
    """
    warnings.filterwarnings("ignore", module=r"PIL\b")


class Pace:
    """How far a work of many steps is: a line every `every` seconds.

    Arguments:
        total: steps.
        what: is passed.
    """

    def __init__(self, total: int, what: str, every: float = 15.0) -> None:
        self.total, self.what, self.every = total, what, every
        self.done, self.started = 0, time.monotonic()
        self.reported = self.started

    def step(self) -> None:
        """Count one more step, and log a line if the last was long ago."""
        self.done += 1
        now = time.monotonic()
        if now - self.reported > self.every:
            rate = self.done / (now - self.started)
            left = (self.total - self.done) / rate
            line = "%d of %d %s  %.1f/s  %d:%02d left"
            log.info(line, self.done, self.total, self.what, rate, left // 60, left % 60)
            self.reported = now


def track(items: Sequence[Item], what: str) -> Iterator[Item]:
    """Pass the items through, with a line of progress every now and then."""
    pace = Pace(len(items), what)
    for item in items:
        yield item
        pace.step()
