"""Processes that work together, watched by the one that started them: if one ends badly, all do, and one says why."""

import logging
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from lpg.errors import InputError
from lpg.jobs.processes import die_with_parent

SAVING = 20.0  # seconds that the first has to save its state, where all are to end
GRACE = 5.0  # seconds that the others have, once one has ended badly: what they say then may be the cause
LOOK_EVERY = 0.2  # seconds; a killed process's own workers hold its pipes open, so one asks for the process itself


class PartsTooLarge(MemoryError):
    """A GPU's memory is too small for what one of the processes takes of a batch at once."""


def run_processes(function: Callable[..., None], arguments: tuple, count: int) -> None:
    """Run `function(rank, *arguments)` in `count` spawned processes, until all have ended.

    What the first of them logs is logged here; the others are silent. None outlives this call, nor this process.

    Raises:
        InputError, PartsTooLarge: as one of them raised it; an InputError too if one was killed.
        RuntimeError: another exception in one of them, with its traceback.
    """
    context = get_context("spawn")
    processes, pipes = [], []
    try:
        for rank in range(count):
            receiver, sender = context.Pipe(duplex=False)
            process = context.Process(target=_begin, args=(function, rank, arguments, sender))
            processes.append(process)
            pipes.append(receiver)
            process.start()
            sender.close()
        faults = _watch(processes, pipes)
    except KeyboardInterrupt:
        for first in _started(processes[:1]):
            first.terminate()  # see lpg.training.stops
            first.join(SAVING)
        raise
    finally:
        for process in _started(processes):
            process.kill()
            process.join()
    if faults:
        raise faults[0]


def _started(processes: Iterable[BaseProcess]) -> list[BaseProcess]:
    """The processes that were started: all of them, unless this process is stopped while it starts them."""
    return [process for process in processes if process.pid is not None]


def _begin(function: Callable[..., None], rank: int, arguments: tuple, pipe: Connection) -> None:
    """The life of one of the processes. It ends without ceremony: a library's would wait for those that are gone."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it came to the parent too, which ends this process
    if not parent_process().is_alive():
        os._exit(1)
    logging.basicConfig(level=logging.INFO, handlers=[logging.NullHandler() if rank else ToParent(pipe)], force=True)
    try:
        function(rank, *arguments)
    except (InputError, PartsTooLarge) as error:
        pipe.send(error)
    except BaseException:
        pipe.send(RuntimeError(f"in process {rank}:\n{traceback.format_exc()}"))
    else:
        os._exit(0)
    os._exit(1)


class ToParent(logging.Handler):
    """Sends what is logged, as text, to the process that has the log."""

    def __init__(self, pipe: Connection) -> None:
        super().__init__()
        self.pipe = pipe

    def emit(self, record: logging.LogRecord) -> None:
        self.pipe.send((record.name, record.levelno, record.getMessage()))


def _watch(processes: Sequence[BaseProcess], pipes: list[Connection]) -> list[Exception]:
    """Hand on what is logged, until all have ended, or GRACE after one has ended badly; what went wrong, causes first.

    What a process says is more than that it was killed, and that more than the complaint of one that waited for it.
    """
    said, codes, until = [], [None], float("inf")
    while time.monotonic() < until:
        codes = [process.exitcode for process in processes]
        if any(codes):
            until = min(until, time.monotonic() + GRACE)
        ready = wait(pipes, LOOK_EVERY)
        if not ready and None not in codes:
            break
        for pipe in ready:
            try:
                said += _heard(pipe.recv())
            except EOFError:
                pipes.remove(pipe)
    killed = [_killed(rank, len(codes), code) for rank, code in enumerate(codes) if code and (code < 0 or not said)]
    return sorted([*said, *killed], key=lambda fault: isinstance(fault, RuntimeError))


def _heard(message: Exception | tuple[str, int, str]) -> list[Exception]:
    if isinstance(message, Exception):
        return [message]
    name, level, text = message
    logging.getLogger(name).log(level, "%s", text)
    return []


def _killed(rank: int, count: int, code: int) -> InputError:
    how = f"was killed ({signal.Signals(-code).name})" if code < 0 else f"ended with status {code}"
    return InputError(
        f"process {rank + 1} of {count} of this training {how}, and the others were stopped",
        "start it again, and it goes on from its state; if that happens again, it may lack memory",
    )
