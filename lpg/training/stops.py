"""Ctrl-C and SIGTERM in a training: they wait for the end of a step, so that its state can be saved first."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPS = signal.SIGINT, signal.SIGTERM
ONE = 2.0  # seconds in which signals are one stop: a scheduler tells a process, and so does the one that started it

_held: set[int] = set()  # in this process, now


@contextmanager
def held_stops() -> Iterator[list[int]]:
    """The signals that came while the block ran: it should look and leave. They are delivered when it has ended.

    One that comes later does not wait. Those that this process ignores stay ignored; a thread that is not the main one
    holds none. Processes that are forked in the block, those that prepare batches, end by this process's wish alone: a
    scheduler tells them too, and without them there is no end of the step.
    """
    came: list[int] = []
    since = 0.0
    main = threading.current_thread() is threading.main_thread()
    handlers = {number: signal.getsignal(number) for number in STOPS if main}
    before = {number: handler for number, handler in handlers.items() if handler not in (signal.SIG_IGN, None)}

    def hold(number: int, frame: FrameType | None) -> None:
        nonlocal since
        if not came:
            came.append(number)
            since = time.monotonic()
        elif time.monotonic() - since > ONE:
            release()
            signal.raise_signal(number)

    def release() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)
            _held.discard(number)

    for number in before:
        signal.signal(number, hold)
        _held.add(number)
    try:
        yield came
    finally:
        release()
        if came:
            signal.raise_signal(came[0])


def _deafen() -> None:
    """Block the signals, and do not ignore them: torch gives its workers a handler of SIGTERM that ends them."""
    if _held:
        signal.pthread_sigmask(signal.SIG_BLOCK, _held)
        threading.Thread(target=_heed_parent, daemon=True).start()


def _heed_parent() -> None:
    while signal.sigwaitinfo([signal.SIGTERM]).si_pid != os.getppid():
        continue
    os._exit(0)


os.register_at_fork(after_in_child=_deafen)
