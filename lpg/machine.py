"""What a job may use of the machine it runs on."""

import logging

import torch

from lpg.errors import InputError
from lpg.training import Machine

log = logging.getLogger(__name__)

WORKERS = 8  # at most: each keeps photographs in memory, and two batches in shared memory


def choose_machine(gpu: int, threads: int) -> Machine:
    """The GPU if the workflow grants one, else the CPU with `threads` threads.

    On a GPU the threads prepare batches in worker processes; on a CPU they are all needed for the network itself.

    Raises:
        InputError: there is a GPU that torch cannot use. Weeks on a CPU are not what was asked for.
    """
    torch.set_num_threads(threads)
    if not gpu:
        log.info("on the CPU, %d threads", threads)
        return Machine("cpu")
    if not torch.cuda.is_available():
        raise InputError(
            f"this machine has a GPU, but torch {torch.__version__} cannot use it; bring its driver up to CUDA "
            f"{torch.version.cuda}, or add --resources gpu=0 to work on the CPU"
        )
    log.info("on %s", torch.cuda.get_device_name())
    return Machine("cuda", workers=min(max(0, threads - 1), WORKERS))
