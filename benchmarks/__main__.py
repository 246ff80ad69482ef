"""`python -m benchmarks [--only masks] [--json speed.json]`: one table, on one thread, and the same as JSON."""

import argparse
import importlib
import json
import platform
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from benchmarks.measure import Finding
from lpg.jobs.machine import choose_machine

CHAPTERS = ("maps", "masks", "training", "plans")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=CHAPTERS, default=CHAPTERS)
    parser.add_argument("--json", type=Path, default=Path("results/speed.json"))
    given = parser.parse_args()
    choose_machine(gpu=0, threads=1)
    console, found = Console(width=160), []
    for chapter in given.only:
        with tempfile.TemporaryDirectory() as folder:
            for finding in importlib.import_module(f"benchmarks.{chapter}").findings(Path(folder)):
                console.print(f"[dim]{finding.work}: {_amount(finding.ours, finding.unit)}[/]")
                found.append(finding)
    console.print(_table(found))
    machine = {
        "cpu": torch.backends.cpu.get_cpu_capability(),
        "torch": torch.__version__,
        "system": platform.platform(),
    }
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(
        json.dumps({"machine": machine, "findings": [one.plainly() for one in found]}, indent=1) + "\n"
    )


def _table(found: Sequence[Finding]) -> Table:
    table = Table("work", "plainly", "ours", "ratio", "to reach", "")
    for one in found:
        wanted = f"≥ {one.ratio_wanted:g}×" if one.ratio_wanted else f"≤ {one.most:g} {one.unit}" if one.most else ""
        ratio = f"{one.ratio:.1f}×" if one.plain else ""
        plain, ours = (_amount(value, one.unit) for value in (one.plain, one.ours))
        table.add_row(one.work, plain, ours, ratio, wanted if one.kept else f"[red]{wanted}[/]", one.remark)
    return table


def _amount(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:.3g} {unit}"


if __name__ == "__main__":
    main()
