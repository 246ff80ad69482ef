"""What a command shows while it works: the log's lines, warnings that look like warnings, a bar with the time left."""

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

MEMORY = 3600  # seconds by which the time left is estimated: photographs are read in bursts, and masked in between


@contextmanager
def screen() -> Iterator[Callable[[Sequence, str], Iterator]]:
    """Show the log; give what passes items through and moves a bar, one for each kind of work."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with (
        _log_to(console),
        Progress(
            *columns, console=console, transient=True, disable=not console.is_terminal, speed_estimate_period=MEMORY
        ) as progress,
    ):
        bars: dict[str, TaskID] = {}

        def watch(items: Sequence, what: str, total: int | None = None) -> Iterator:
            if what not in bars:
                bars[what] = progress.add_task(what, total=len(items) if total is None else total)
            for item in items:
                yield item
                progress.advance(bars[what])

        yield watch


@contextmanager
def _log_to(console: Console) -> Iterator[None]:
    """The log on a console, plain where that is a pipe."""
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
