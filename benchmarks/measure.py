"""Seconds of one thread, and what they say."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Finding:
    """One line of the table.

    Attributes:
        work: what is done.
        ours: what it takes, in `unit`.
        plain: what it takes plainly; None where nothing is compared.
        ratio_wanted: of the two, at least; None where nothing is promised.
        most: of `ours`; None where nothing is promised.
        remark: how far the results agree, or what else is to be known.
    """

    work: str
    ours: float
    plain: float | None = None
    ratio_wanted: float | None = None
    most: float | None = None
    remark: str = ""
    unit: str = "s"

    @property
    def ratio(self) -> float | None:
        return self.plain / self.ours if self.plain else None

    @property
    def kept(self) -> bool:
        """Whether it is what was promised."""
        enough = self.ratio_wanted is None or self.ratio >= self.ratio_wanted
        return enough and (self.most is None or self.ours <= self.most)

    def plainly(self) -> dict:
        """As JSON."""
        return asdict(self) | {"ratio": self.ratio, "kept": self.kept}


def seconds(*works: Callable[[], object], rounds: int = 3) -> list[float]:
    """CPU seconds of each, the least of some rounds; in turn, so that what else the machine does meets all alike."""
    least = [float("inf")] * len(works)
    for _ in range(rounds):
        for index, work in enumerate(works):
            started = time.process_time()
            work()
            least[index] = min(least[index], time.process_time() - started)
    return least
