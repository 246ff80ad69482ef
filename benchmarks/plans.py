"""P7: what Snakemake plans."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Finding

ROOT = Path(__file__).parents[1]
PAPER = ["--configfile", "config/voc_coco.yaml", "config/tables/voc_coco.yaml"]


def findings(folder: Path) -> Iterator[Finding]:
    """CPU seconds of a plan, Python's start included."""
    paper = _planned(folder, ["tables", *PAPER])
    yield Finding("P7 plan of the paper's run with all tables", paper, most=3)
    yield Finding("P7 plan of the demo", _planned(folder, ["all"]), most=1.5)


def _planned(folder: Path, wanted: list[str]) -> float:
    call = [sys.executable, "-m", "snakemake", "-n", "--quiet", "--cores", "1", "--directory", str(folder), *wanted]
    least = float("inf")
    for _ in range(2):
        before = os.times()
        subprocess.run(call, cwd=ROOT, check=True, capture_output=True)
        after = os.times()
        least = min(least, after.children_user + after.children_system - before.children_user - before.children_system)
    return least
