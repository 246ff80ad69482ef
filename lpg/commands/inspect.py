"""`lpg inspect`: what a checkpoint or an HDF5 file of ours holds, and what made it."""

import argparse
import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from lpg.files.inspection import inspect_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="a .pt, .safetensors or .h5 that lpg wrote")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(arguments: argparse.Namespace) -> None:
    facts = inspect_file(Path(arguments.file))
    if arguments.json:
        print(json.dumps(facts, indent=1, ensure_ascii=False))
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    for key, value in facts.items():
        lines = [f"{name}  {content}" for name, content in value.items()] if isinstance(value, dict) else value
        table.add_row(key, "\n".join(map(str, lines)) if isinstance(lines, list) else str(lines))
    Console(markup=False, highlight=False).print(table)
