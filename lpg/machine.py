"""What a job may use of the machine it runs on."""

import logging

import torch

from lpg.training import Machine

log = logging.getLogger(__name__)


def choose_machine(gpu: int, threads: int) -> Machine:
    """A GPU if the workflow grants one and there is one, else the CPU with `threads` threads.

    On a GPU the threads prepare batches in worker processes; on a CPU they are all needed for the network itself.
    """
    torch.set_num_threads(threads)
    if gpu and torch.cuda.is_available():
        torch.backends.cudnn.benchmark = True
        log.info("on %s", torch.cuda.get_device_name())
        return Machine("cuda", workers=max(0, threads - 1))
    log.info("on the CPU, %d threads", threads)
    return Machine("cpu")
