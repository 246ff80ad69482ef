"""Whether this machine has a GPU. No torch here: the workflow asks while it plans."""

import shutil
from pathlib import Path


def has_gpu() -> bool:
    """A driver's tool or its first device is there; whether torch can use it, the job finds out."""
    return bool(shutil.which("nvidia-smi")) or Path("/dev/nvidia0").exists()
