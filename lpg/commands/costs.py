"""`lpg costs`: hours and memory of a run by rule."""

import argparse
import json
from dataclasses import asdict, fields

from rich.console import Console
from rich.table import Table

from lpg.jobs.costs import Cost, costs_by_rule, total


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", default="results/benchmarks", help="results/benchmarks by default")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(arguments: argparse.Namespace) -> None:
    rules = costs_by_rule(arguments.folder)
    if arguments.json:
        known = [{name: None if value != value else value for name, value in asdict(cost).items()} for cost in rules]
        print(json.dumps(known, indent=1))
        return
    table = Table(box=None, pad_edge=False)
    for column in fields(Cost):
        name = column.name.replace("_", " ").replace("memory", "GB")
        table.add_column(name, justify="left" if name == "rule" else "right", no_wrap=True)
    for cost in [*rules, total(rules)]:
        table.add_row(*(_text(value) for value in asdict(cost).values()))
    Console(markup=False, highlight=False).print(table)


def _text(value: str | float) -> str:
    if isinstance(value, float):
        return f"{value:.2f}" if value == value else "-"  # nan: not recorded
    return str(value)
