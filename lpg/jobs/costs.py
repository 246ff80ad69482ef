"""What the jobs of a run have cost, from the files in which Snakemake records each job that succeeded."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lpg.errors import InputError

RECORDS = "give the folder results/benchmarks of a run"


@dataclass(frozen=True)
class Cost:
    """The cost of one job, of a rule, or of all.

    Attributes:
        rule: its name, or what else it is of.
        jobs: how many.
        hours: of all jobs, one after another.
        longest: hours of the longest job.
        core_hours: hours by the threads that a job had; nan where that is not recorded.
        gpu_hours: hours by its GPUs; nan where they are not recorded.
        peak_memory: of the job that took most, resident, in GB; nan where all were too short to be measured.
    """

    rule: str
    jobs: int
    hours: float
    longest: float
    core_hours: float
    gpu_hours: float
    peak_memory: float


def costs_by_rule(folder: str | Path) -> list[Cost]:
    """The costs of every rule, the longest first.

    Arguments:
        folder: `results/benchmarks` of a run: a folder for each rule, in it a file for each job.

    Raises:
        InputError: there is no such file, or one cannot be read.
    """
    jobs = [cost for path in sorted(Path(folder).glob("*/*.tsv")) for cost in _costs_of(path)]
    if not jobs:
        raise InputError(f"{folder} has no record of a job", RECORDS)
    rules = [total([job for job in jobs if job.rule == rule], rule) for rule in {job.rule for job in jobs}]
    return sorted(rules, key=lambda cost: (-cost.hours, cost.rule))


def total(costs: list[Cost], name: str = "all") -> Cost:
    """The costs of several, under a name."""
    measured = [cost.peak_memory for cost in costs if cost.peak_memory == cost.peak_memory]
    return Cost(
        rule=name,
        jobs=sum(cost.jobs for cost in costs),
        hours=sum(cost.hours for cost in costs),
        longest=max(cost.longest for cost in costs),
        core_hours=sum(cost.core_hours for cost in costs),
        gpu_hours=sum(cost.gpu_hours for cost in costs),
        peak_memory=max(measured, default=float("nan")),
    )


def _costs_of(path: Path) -> Iterator[Cost]:
    try:
        header, *rows = (line.split("\t") for line in path.read_text().splitlines() or [""])
        for row in rows:
            yield _cost_of(path.parent.name, dict(zip(header, row, strict=True)))
    except (KeyError, ValueError):
        raise InputError(f"{path} is no record of a job", RECORDS) from None


def _cost_of(rule: str, record: dict[str, str]) -> Cost:
    hours = float(record["s"]) / 3600
    if not 0 <= hours < math.inf:
        raise ValueError
    threads = float(record.get("threads", "nan"))
    mebibytes = float("nan") if record["max_rss"] in ("NA", "-") else float(record["max_rss"])  # it was too short
    memory = mebibytes * 2**20 / 1e9
    return Cost(rule, 1, hours, hours, hours * threads, hours * _gpus(record.get("resources")), memory)


def _gpus(resources: str | None) -> float:
    """The GPUs of a job, whose resources are recorded as Python prints a dictionary; nan where they are not."""
    if resources is None:
        return float("nan")
    found = re.search(r"'gpu': (\d+)", resources)
    return float(found[1]) if found else 0.0
