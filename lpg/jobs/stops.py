"""What a job says that is stopped. No file depends on it."""

import logging
import signal
import sys
from types import FrameType, TracebackType

log = logging.getLogger(__name__)

AGAIN = "the same command again goes on with what is not done"
INTERRUPTED = "stopped (Ctrl-C); " + AGAIN
TOLD = "told to end (SIGTERM), as at a walltime or before a preemption; " + AGAIN


class ToldToEnd(KeyboardInterrupt):
    """SIGTERM came: the job ends as by Ctrl-C, and leaves no half of a file."""


def word_stops() -> None:
    """Let Ctrl-C and SIGTERM end this process with one line in its log, in place of a traceback and of nothing."""
    signal.signal(signal.SIGTERM, _end)
    sys.excepthook = _say


def _end(number: int, frame: FrameType | None) -> None:
    raise ToldToEnd


def _say(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        log.error("%s", TOLD if kind is ToldToEnd else INTERRUPTED)
    else:
        sys.__excepthook__(kind, error, traceback)
