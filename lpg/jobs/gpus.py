"""Which GPUs of a machine a job runs on, where there are more of them than it is granted. No torch here.

Snakemake counts GPUs and does not say which, and every process begins with the first. So a job takes those that the
fewest other jobs of this user have taken, for as long as it lives.
"""

import fcntl
import os
import tempfile
from pathlib import Path
from typing import IO

VISIBLE = "CUDA_VISIBLE_DEVICES"  # of the environment: the GPUs that CUDA shows a process, and those that it starts
JOBS = 64  # on one GPU, at most; more of them take what is first

_held: list[IO] = []  # a lock goes with its file, and with this process


def take_gpus(wanted: int, there: int) -> list[str]:
    """Let this process see `wanted` of the `there` GPUs; CUDA must not have been asked for any yet.

    Returns: their names, as `CUDA_VISIBLE_DEVICES` has them.
    """
    names = os.environ.get(VISIBLE, "").split(",") if os.environ.get(VISIBLE) else list(map(str, range(there)))
    folder = Path(tempfile.gettempdir()) / f"lpg-gpus-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    taken: list[str] = []
    for job in range(JOBS):
        for name in names[:there]:
            if len(taken) < wanted and name not in taken and _lock(folder / f"{name.strip()}.{job}"):
                taken.append(name)
    if len(taken) == wanted:
        os.environ[VISIBLE] = ",".join(taken)
    return taken


def _lock(path: Path) -> bool:
    """Whether the lock was to be had; then it is held from here on."""
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return False
    _held.append(file)
    return True
