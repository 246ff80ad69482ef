"""Ctrl-C and SIGTERM in a training: they wait for the end of a step, so that its state can be saved first."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPS = signal.SIGINT, signal.SIGTERM


@contextmanager
def held_stops() -> Iterator[list[int]]:
    """The signals that came while the block ran: it should look and leave. They are delivered when it has ended.

    A second one does not wait. Those that this process ignores stay ignored; a thread that is not the main one holds
    none.
    """
    came: list[int] = []
    main = threading.current_thread() is threading.main_thread()
    handlers = {number: signal.getsignal(number) for number in STOPS if main}
    before = {number: handler for number, handler in handlers.items() if handler not in (signal.SIG_IGN, None)}

    def hold(number: int, frame: FrameType | None) -> None:
        came.append(number)
        if len(came) > 1:
            release()
            signal.raise_signal(number)

    def release() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    for number in before:
        signal.signal(number, hold)
    try:
        yield came
    finally:
        release()
        if came:
            signal.raise_signal(came[0])
