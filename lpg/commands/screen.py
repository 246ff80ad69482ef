"""What a command shows while it works: the log's lines, warnings that look like warnings, a bar with the time left."""

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from lpg.jobs.log import Pace, hush_pillow

MEMORY = 3600  # seconds by which the time left is estimated: photographs are read in bursts, and masked in between


@contextmanager
def screen() -> Iterator[Callable[..., Iterator]]:
    """Show the log; give what passes items through and moves a bar for each kind of work, or logs lines into a pipe."""
    console = Console(stderr=True)
    with _log_to(console), ExitStack() as shown:
        step_of = shown.enter_context(_bars(console)) if console.is_terminal else _lines()

        def watch(items: Sequence, what: str, total: int | None = None) -> Iterator:
            step = step_of(what, len(items) if total is None else total)
            for item in items:
                yield item
                step()

        yield watch


@contextmanager
def _bars(console: Console) -> Iterator[Callable[[str, int], Callable]]:
    """Gives what moves the bar of a kind of work."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True, speed_estimate_period=MEMORY) as progress:
        bars: dict[str, TaskID] = {}

        def step_of(what: str, total: int) -> Callable:
            if what not in bars:
                bars[what] = progress.add_task(what, total=total)
            return lambda: progress.advance(bars[what])

        yield step_of


def _lines() -> Callable[[str, int], Callable]:
    """Gives what logs how far a kind of work is."""
    paces: dict[str, Pace] = {}

    def step_of(what: str, total: int) -> Callable:
        if what not in paces:
            paces[what] = Pace(total, what)
        return paces[what].step

    return step_of


@contextmanager
def _log_to(console: Console) -> Iterator[None]:
    """The log on a console, plain where that is a pipe."""
    hush_pillow()
    if console.is_terminal:
        handler = RichHandler(console=console, show_time=False, show_path=False, markup=False)
    else:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(levelname)s  %(message)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
