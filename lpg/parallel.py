"""Work on many photographs in several processes.

The processes are spawned, so a script that calls this needs the usual `if __name__ == "__main__":`.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import starmap
from multiprocessing import get_context

from lpg.progress import die_with_parent

IN_FLIGHT = 2  # arguments per process that wait in memory: one in work, one behind it


def in_order(function: Callable, arguments: Iterable[tuple], processes: int) -> Iterator:
    """`function(*argument)` of every argument, in order, from `processes` processes; one works in this process."""
    if processes == 1:
        yield from starmap(function, arguments)
        return
    with ProcessPoolExecutor(processes, get_context("spawn"), initializer=die_with_parent) as pool:
        waiting = deque()
        for argument in arguments:
            waiting.append(pool.submit(function, *argument))
            if len(waiting) == IN_FLIGHT * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
