"""What a command says made its files: in those that have room, and in the `provenance.json` of the folder of all."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from lpg.jobs.facts import facts_of
from lpg.jobs.machine import Machine
from lpg.jobs.provenance import describe
from lpg.jobs.stamps import stamp, stamp_folder


def described(
    command: str, arguments: argparse.Namespace, inputs: Iterable[str | Path], machine: Machine | None = None
) -> dict:
    """What made a command's files: its arguments as given, its inputs' digests, if they are files, and the machine."""
    given = {key: value for key, value in vars(arguments).items() if value not in (None, False, [])}
    if given.get("method"):
        del given["generator"]  # the default, which is not asked for then
    files = [path for path in inputs if Path(path).is_file()]
    made_by = describe(rule=f"lpg {command}", settings=given, code="", inputs=files)
    return made_by | facts_of(machine or Machine(), getattr(arguments, "cores", None) or 1)


def record(folder: str | Path, made_by: dict, *pages: Path) -> None:
    """Say in a folder, and in pages that were written, what made its files."""
    stamp_folder(Path(folder), made_by)
    stamp(pages, made_by)
