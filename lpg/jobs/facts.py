"""What computed: package and commit, libraries, machine. Facts for the files to say; no digest has them.

None of them tells who computed, on which host, in which folder or when: two runs of one seed on one machine are equal.
"""

import platform
import subprocess
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from importlib import metadata
from pathlib import Path

from lpg.jobs.machine import Machine
from lpg.jobs.provenance import PACKAGE, VERSION

CODE = ("lpg", "workflow", "Snakefile")  # of a checkout: what a commit must have for results to be its own
DIRTY = "-dirty"  # behind the commit of a checkout whose code has changed since
# What computes, and what writes what is computed.
LIBRARIES = (
    *("torch", "torchvision", "timm", "segmentation-models-pytorch", "safetensors", "transformers"),
    *("numpy", "scipy", "pandas", "opencv-python-headless", "pillow", "scikit-image", "pydensecrf2", "pymaxflow"),
    *("pycocotools", "faster-coco-eval", "h5py", "hdf5plugin", "matplotlib", "jinja2", "onnx", "onnxruntime"),
    "snakemake",
)
MIXED = "{} where autocast takes it, else float32"
CPUS = Path("/proc/cpuinfo")


def facts_of(machine: Machine, threads: int) -> dict:
    """What goes into a file beside what its content depends on: `lpg_version`, `commit`, `libraries`, `device`.

    Arguments:
        threads: of the job. Another number of them may round sums of floats in another order.
    """
    return {**package_facts(), "libraries": dict(libraries()), "device": device_facts(machine, threads)}


def package_facts() -> dict[str, str]:
    """The version of the package, and the commit of its checkout if it is one whose git can be asked."""
    known = commit(PACKAGE.parent)
    return {"lpg_version": VERSION, **({"commit": known} if known else {})}


def commit(root: Path) -> str:
    """The commit of a checkout, 40 digits, with `-dirty` if its code is not as committed; nothing of other folders."""
    if not (root / ".git").exists():
        return ""
    try:
        head, changed = _git(root, "rev-parse", "HEAD"), _git(root, "status", "--porcelain", "--", *CODE)
    except (OSError, subprocess.SubprocessError):  # no git here, or the checkout is another user's
        return ""
    return head + DIRTY * bool(changed)


def _git(root: Path, *arguments: str) -> str:
    call = ["git", "--no-optional-locks", "-C", str(root), *arguments]
    return subprocess.run(call, capture_output=True, text=True, check=True, timeout=30).stdout.strip()


@cache
def libraries() -> Mapping[str, str]:
    """The versions of those libraries that are installed, and of Python."""
    versions = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def device_facts(machine: Machine, threads: int) -> dict:
    """The processor by its model, threads and precision; with a GPU its model and the version of CUDA too."""
    facts = asdict(machine)
    del facts["applied"]
    facts |= {"cpu": cpu_model(), "threads": threads, "precision": _precision(machine)}
    if machine.device != "cuda":
        return facts
    import torch

    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "unknown"
    return facts | {"gpu": gpu, "cuda": torch.version.cuda}


def _precision(machine: Machine) -> str:
    """The precision of the networks that a job trains or applies; a job without any computes in float32 as well."""
    trained, applied = (one if one == "float32" else MIXED.format(one) for one in (machine.precision, machine.applied))
    return applied if trained == applied else f"{trained}, in training; {applied} where networks are applied"


def cpu_model() -> str:
    """The processor's model as the kernel calls it; elsewhere the architecture."""
    lines = CPUS.read_text().splitlines() if CPUS.exists() else []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.machine())
