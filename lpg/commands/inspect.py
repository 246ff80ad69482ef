"""`lpg inspect`: what a file of ours holds, what made it, and what that was made from."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from lpg.files.inspection import inspect_file
from lpg.files.lineage import trace
from lpg.generators.shipped import SHIPPED


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        help=f"a network ({' and '.join(SHIPPED)} come with lpg), an HDF5 file, a table, scores, a page or a picture",
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--trace", action="store_true", help="every file behind it, back to what was given")


def run(arguments: argparse.Namespace) -> None:
    path, console = Path(arguments.file), Console(markup=False, highlight=False)
    if arguments.file in SHIPPED and not path.exists():
        path = SHIPPED[arguments.file].path
    facts = inspect_file(path)  # refuses what is not ours
    behind = trace(path) if arguments.trace else []
    if arguments.json:
        print(json.dumps([asdict(one) for one in behind] if behind else facts, indent=1, ensure_ascii=False))
        return
    if behind:
        console.print("\n".join(map(str, behind)), soft_wrap=True)
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    for key, value in facts.items():
        lines = [f"{name}  {_flat(content)}" for name, content in value.items()] if isinstance(value, dict) else value
        table.add_row(key, "\n".join(map(str, lines)) if isinstance(lines, list) else str(lines))
    console.print(table)


def _flat(content: object) -> str:
    """A dictionary on one line."""
    return (
        ", ".join(f"{name} {_flat(each)}" for name, each in content.items())
        if isinstance(content, dict)
        else str(content)
    )
