"""What a command shows while it works: the log's lines, warnings that look like warnings, a bar with the time left."""

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn


@contextmanager
def screen() -> Iterator[Callable[[Sequence, str], Iterator]]:
    """Show the log; give what passes items through and moves a bar, one for each kind of work."""
    console = Console(stderr=True)
    if console.is_terminal:
        handler, line = RichHandler(console=console, show_time=False, show_path=False, markup=False), "%(message)s"
    else:
        handler, line = logging.StreamHandler(sys.stderr), "%(levelname)s  %(message)s"
    logging.basicConfig(level=logging.INFO, format=line, handlers=[handler], force=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bars: dict[str, TaskID] = {}

        def watch(items: Sequence, what: str, total: int | None = None) -> Iterator:
            if what not in bars:
                bars[what] = progress.add_task(what, total=len(items) if total is None else total)
            for item in items:
                yield item
                progress.advance(bars[what])

        yield watch
