"""What a job may use of the machine it runs on. torch is imported where a device is chosen, and not before."""

import ctypes
import fcntl
import logging
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lpg.errors import InputError

log = logging.getLogger(__name__)

CPU_UNITS = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")  # what torch asks a CPU, see `has_bfloat16`
PRECISION = "LPG_PRECISION"  # of the environment: float32 computes in nothing else, whatever the device is good at
M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # of malloc.h
WORKERS = 8  # at most: each keeps photographs in memory, and two batches in shared memory
VISIBLE = "CUDA_VISIBLE_DEVICES"  # of the environment: the GPUs that CUDA shows a process, and those that it starts
JOBS = 64  # on one GPU, that are counted

_taken: list[IO] = []  # a lock goes with its file, and with this process


@dataclass(frozen=True)
class Machine:
    """Where a job runs: facts of the profile, never of the configuration.

    Attributes:
        device: `cpu` or `cuda`.
        workers: processes that prepare batches; 0 prepares them in the training process.
        precision: `bfloat16`, `float16` or `float32`, in which networks are trained (`lpg.training.precision`).
        applied: the same of how they are applied, never `float16` (`lpg.networks.inference`).
        ranks: processes among which a batch is cut, one for each GPU that is granted; `rank` is this one.
        parts: in how many parts each of them takes its samples of a batch, for lack of memory.
    """

    device: str = "cpu"
    workers: int = 0
    precision: str = "float32"
    applied: str = "float32"
    ranks: int = 1
    rank: int = 0
    parts: int = 1


def has_gpu() -> bool:
    """A driver's tool or its first device is there; whether torch can use it, the job finds out."""
    return bool(shutil.which("nvidia-smi")) or Path("/dev/nvidia0").exists()


def choose_machine(gpu: int, threads: int) -> Machine:
    """The machine of a job: as many GPUs as are granted, else the CPU with `threads` threads.

    On GPUs the threads prepare batches in worker processes; on a CPU they are all needed for the network itself.

    Raises:
        InputError: there is a GPU that torch cannot use, or there are fewer than granted. Weeks on a CPU are not what
            was asked for.
    """
    import torch

    torch.set_num_threads(threads)
    keep_float32_whole()
    if not gpu:
        keep_freed_memory()
        log.info("on the CPU, %d threads", threads)
        return Machine("cpu", precision=applied_in("cpu"), applied=applied_in("cpu"))
    there = torch.cuda.device_count()  # which does not ask CUDA itself
    taken = take_gpus(gpu, there) if gpu < there else []
    if fault := _useless():
        raise InputError(*fault, permission="cpu")
    if gpu > there:
        raise InputError(f"{gpu} GPUs are granted, and torch sees {there}", "ask for no more than a machine has")
    which = f" ({' and '.join(taken)} of {there})" if taken else ""
    log.info("on %s%s%s", f"{gpu} x " if gpu > 1 else "", torch.cuda.get_device_name(), which)
    precision = applied_in("cuda") if has_bfloat16("cuda") or wants_float32() else "float16"
    workers = min(max(0, threads // gpu - 1), WORKERS)
    return Machine("cuda", workers, precision, applied_in("cuda"), ranks=gpu)


def take_gpus(wanted: int, there: int) -> list[str]:
    """Let this process see `wanted` of the `there` GPUs; CUDA must not have been asked for any yet.

    Snakemake counts GPUs and does not say which, and every process would begin with the first. So a job takes those
    that the fewest other jobs of this user have, and has them for as long as it lives.

    Returns: their names, as `CUDA_VISIBLE_DEVICES` has them.
    """
    names = os.environ[VISIBLE].split(",") if os.environ.get(VISIBLE) else list(map(str, range(there)))
    folder = Path(tempfile.gettempdir()) / f"lpg-gpus-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    with (folder / "choosing").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # until it is closed
        free = {name: _free(folder, name.strip().replace("/", "_")) for name in names[:there]}
        taken = sorted(free, key=lambda name: -len(free[name]))[:wanted]
        _taken.extend(_lock(free[name][0]) for name in taken if free[name])
    os.environ[VISIBLE] = ",".join(taken)
    return taken


def _free(folder: Path, gpu: str) -> list[Path]:
    """The locks of a GPU that no job holds."""
    found = []
    for path in (folder / f"{gpu}.{job}" for job in range(JOBS)):
        if file := _lock(path):
            file.close()
            found.append(path)
    return found


def _lock(path: Path) -> IO | None:
    """The open file, which holds the lock until it is closed; None where another process holds it."""
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def check_device(device: str) -> None:
    """Refuse a device that networks cannot be brought to.

    Raises:
        InputError: it is neither `cpu` nor `cuda`, or there is no GPU that torch can use.
    """
    import torch

    if device not in ("cpu", "cuda"):
        raise InputError(
            f"the device '{device}' is not known", "give cpu or cuda, whose GPU CUDA_VISIBLE_DEVICES chooses"
        )
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError(f"torch {torch.__version__} finds no GPU that it can use", "give the device cpu")
    if device == "cuda" and (fault := _too_old()):
        raise InputError(fault[0], "give the device cpu")


def _useless() -> tuple[str, str] | None:
    """Why torch cannot use this machine's GPU, and what would help; None where it can."""
    import torch

    if torch.cuda.is_available():
        return _too_old()
    if VISIBLE in os.environ and not torch.cuda.device_count():
        fault = f"{VISIBLE} is '{os.environ[VISIBLE]}', and torch sees no GPU"
        return fault, "name one there that the machine has; a scheduler names those that a job was granted"
    driver = f"bring its driver up to CUDA {torch.version.cuda}" if torch.version.cuda else "install a build with CUDA"
    return f"this machine has a GPU, but torch {torch.__version__} cannot use it", driver


def _too_old() -> tuple[str, str] | None:
    """torch finds a GPU that it was not built for, and fails at the first thing that it asks of it."""
    import torch

    built = [int(name[1]) for name in map(re.compile(r"sm_(\d+)").match, torch.cuda.get_arch_list()) if name]
    major, minor = torch.cuda.get_device_capability()
    if not built or 10 * major + minor >= min(built):
        return None
    lowest = f"{min(built) // 10}.{min(built) % 10}"
    card = f"{torch.cuda.get_device_name()} has compute capability {major}.{minor}"
    return f"{card}, and torch {torch.__version__} begins at {lowest}", "install a build of torch that has it"


def applied_in(device: str) -> str:
    """The precision in which networks are applied on a device; of a GPU that cannot be used, `float32`."""
    return "bfloat16" if has_bfloat16(device) else "float32"


def keep_freed_memory() -> None:
    """Have malloc hand freed memory out again from here on, and not ask the kernel for every large tensor.

    The kernel clears what it gives page by page: a sixth of a training step (docs/performance.md). The process keeps
    its peak until it ends, and threads may add a tenth. Where the C library is not glibc, nothing happens.
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(M_MMAP_MAX, 0)
        library.mallopt(M_TRIM_THRESHOLD, -1)


def wants_float32() -> bool:
    """Whether the environment asks for single precision, so that another machine's numbers can be compared."""
    wanted = os.environ.get(PRECISION)
    if wanted not in (None, "", "float32"):
        raise InputError(f"{PRECISION} is '{wanted}'", f"set {PRECISION}=float32 for single precision, or unset it")
    return bool(wanted)


def keep_float32_whole() -> None:
    """Where single precision is asked for, a GPU's convolutions have all of it: torch lets them round to TF32.

    That is said to a process, and so in every one that runs a network.
    """
    import torch

    if wants_float32():
        torch.backends.cudnn.allow_tf32 = False


def has_bfloat16(device: str) -> bool:
    """Tensor cores, AMX or AVX-512's dot products: a bfloat16 that is emulated is slower than float32."""
    import torch

    if wants_float32():
        return False
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    units = (getattr(torch.cpu, name, lambda: False) for name in CPU_UNITS)
    return any(has() for has in units) and torch.ops.mkldnn._is_mkldnn_bf16_supported()
