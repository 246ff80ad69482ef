"""Work on many photographs: in several jobs, in several processes, or read ahead in threads.

The processes are spawned, so a script that calls `in_order` needs the usual `if __name__ == "__main__":`.
"""

import ctypes
import os
import re
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import starmap
from multiprocessing import get_context
from traceback import extract_tb
from typing import TypeVar

from lpg.errors import InputError

Item = TypeVar("Item")

IN_FLIGHT = 2  # arguments per worker that wait in memory: one in work, one behind it
READERS = 4  # threads that read ahead of one consumer
TOGETHER = 16  # photographs of one call of a network; shares begin at multiples of it, and have the batches of one job
PIXELS = 16_000_000  # of these together, but for a larger one by itself
PIXELS_AHEAD = 32_000_000  # of photographs that are read ahead, likewise
LOST = re.compile(r"DataLoader worker \(pid.*(killed by signal|exited unexpectedly)")  # as torch says it


def share(photographs: int, shard: int, shards: int) -> slice:
    """The photographs of job `shard` of `shards`, by their order; nothing where there are fewer groups than jobs.

    The shares of all jobs are the dataset, and differ by `TOGETHER` photographs at most.
    """
    groups = -(-photographs // TOGETHER)
    start, stop = (groups * number // shards * TOGETHER for number in (shard, shard + 1))
    return slice(min(start, photographs), min(stop, photographs))


def grouped(photographs: Iterable[Item], pixels: Callable[[Item], int]) -> Iterator[list[Item]]:
    """Photographs in groups of `TOGETHER`, two or more of them where they are large; the same groups in every share.

    Arguments:
        photographs: those of a share, or what was made of each.
        pixels: how many pixels one has.
    """
    group, held = [], 0
    for position, item in enumerate(photographs):
        if group and (position % TOGETHER == 0 or held + pixels(item) > PIXELS):
            yield group
            group, held = [], 0
        group.append(item)
        held += pixels(item)
    if group:
        yield group


def in_order(function: Callable, arguments: Iterable[tuple], processes: int) -> Iterator:
    """`function(*argument)` of every argument, in order, from `processes` processes; one works in this process.

    Raises:
        InputError: one of the processes was killed.
    """
    if processes == 1:
        yield from starmap(function, arguments)
        return
    with ProcessPoolExecutor(processes, get_context("spawn"), initializer=die_with_parent) as pool:
        try:
            yield from _answers(pool, processes, function, arguments)
        except BrokenProcessPool:
            raise killed_worker(f"one of the {processes} processes that share the photographs") from None


def ahead(
    function: Callable,
    arguments: Iterable[tuple],
    threads: int = READERS,
    pixels: Callable[..., int] = lambda *_: 0,
) -> Iterator:
    """`function(*argument)` of every argument, in order, while the next few are read already.

    Arguments:
        pixels: of what the function reads, `pixels(*argument)`: fewer large photographs are read ahead.
    """
    with ThreadPoolExecutor(threads) as pool:
        yield from _answers(pool, threads, function, arguments, pixels)


def _answers(
    pool: Executor,
    workers: int,
    function: Callable,
    arguments: Iterable[tuple],
    pixels: Callable[..., int] = lambda *_: 0,
) -> Iterator:
    waiting, sizes = deque(), deque()
    for argument in arguments:
        waiting.append(pool.submit(function, *argument))
        sizes.append(pixels(*argument))
        while len(waiting) == IN_FLIGHT * workers or sum(sizes) > PIXELS_AHEAD:
            sizes.popleft()
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def killed_worker(which: str) -> InputError:
    """What is said when a process that works for this one is gone without a word."""
    return InputError(
        f"{which} was killed, as a machine does that is out of memory",
        "give it more memory or the job fewer threads, and the same command again; what is finished stays",
    )


def lost_worker(error: Exception) -> bool:
    """Whether that is how torch says that a process which prepares batches is gone: by a signal, wherever the training
    is at that moment, or as it fetches a batch from it."""
    if isinstance(error, (ConnectionError, EOFError)):
        return any("multiprocessing" in frame.filename for frame in extract_tb(error.__traceback__))
    return bool(LOST.match(str(error)))  # what a worker itself raised has other words, and a cause of its own


def hush_workers() -> None:
    """Let torch raise no more errors, wherever this process is, about workers that are gone."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    except RuntimeError:  # this was one
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def die_with_parent() -> None:
    """On Linux, end when the parent is killed: an orphan would go on training beside the job that resumes its work."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # 1 is PR_SET_PDEATHSIG
    if _orphaned():  # the parent was killed before, while torch was imported
        os._exit(1)


def _orphaned() -> bool:
    """Whether this process is an orphan: whoever adopts one is of another session; who leads a session is none."""
    session = os.getsid(0)
    return session != os.getpid() and session != os.getsid(os.getppid())
