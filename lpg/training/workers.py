"""How many processes prepare batches: those that the machine grants, if its shared memory holds what they prepare."""

import logging
import shutil
from pathlib import Path

from torch.utils.data import Dataset

from lpg.jobs.machine import Machine

log = logging.getLogger(__name__)

SHARED = Path("/dev/shm")  # through which batches come; 64 MB in a container, unless it says more
AHEAD = 2  # batches that torch lets each process prepare; one more is on its way to the GPU, and one in work


def workers_for(batches: Dataset, iteration: int, machine: Machine) -> int:
    """The number of processes that prepare batches for a training that begins with an iteration.

    Where shared memory is full, torch loses a batch and waits for it for ever.

    Arguments:
        batches: `batches[iteration]` is a tuple of tensors, and all are of one size.
    """
    if not machine.workers or not SHARED.is_dir():
        return machine.workers
    size = sum(tensor.nbytes for tensor in batches[iteration])
    room = shutil.disk_usage(SHARED).free // machine.ranks
    workers = max(0, min(machine.workers, (room // max(1, size) - 2) // AHEAD))
    if workers < machine.workers:
        log.warning(
            "%s has room for the batches of %d processes that prepare them, not of %d: give the container more of it",
            SHARED, workers, machine.workers,
        )  # fmt: skip
    return workers
