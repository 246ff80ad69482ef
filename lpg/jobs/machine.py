"""What a job may use of the machine it runs on. torch is imported where a device is chosen, and not before."""

import logging
import shutil
from dataclasses import dataclass
from pathlib import Path

from lpg.errors import InputError

log = logging.getLogger(__name__)

WORKERS = 8  # at most: each keeps photographs in memory, and two batches in shared memory


@dataclass(frozen=True)
class Machine:
    """Where a job runs: facts of the profile, never of the configuration.

    Attributes:
        device: `cpu` or `cuda`.
        workers: processes that prepare batches; 0 prepares them in the training process.
    """

    device: str = "cpu"
    workers: int = 0

    @property
    def mixed_precision(self) -> bool:
        return self.device == "cuda"


def has_gpu() -> bool:
    """A driver's tool or its first device is there; whether torch can use it, the job finds out."""
    return bool(shutil.which("nvidia-smi")) or Path("/dev/nvidia0").exists()


def choose_machine(gpu: int, threads: int) -> Machine:
    """The GPU if one is granted, else the CPU with `threads` threads.

    On a GPU the threads prepare batches in worker processes; on a CPU they are all needed for the network itself.

    Raises:
        InputError: there is a GPU that torch cannot use. Weeks on a CPU are not what was asked for.
    """
    import torch

    torch.set_num_threads(threads)
    if not gpu:
        log.info("on the CPU, %d threads", threads)
        return Machine("cpu")
    if not torch.cuda.is_available():
        raise InputError(
            f"this machine has a GPU, but torch {torch.__version__} cannot use it",
            f"bring its driver up to CUDA {torch.version.cuda}" if torch.version.cuda else "install a build with CUDA",
            permission="cpu",
        )
    log.info("on %s", torch.cuda.get_device_name())
    return Machine("cuda", workers=min(max(0, threads - 1), WORKERS))
