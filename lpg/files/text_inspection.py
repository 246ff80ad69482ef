"""What is in our JSON files and tables, as `lpg inspect` tells it."""

import csv
import json
from pathlib import Path
from typing import Any

from lpg.errors import InputError

FACTS = ("run", "stage", "what", "split", "crf")


def inspect_json(path: Path) -> dict[str, Any]:
    """What a JSON holds: of scores a line for each row, with the files that it was made from; of others how much.

    Raises:
        InputError: it is no JSON.
    """
    try:
        content = json.loads(path.read_bytes())
    except ValueError as error:
        raise InputError(f"{path} is no JSON ({error})", "restore the file or make it again") from None
    if isinstance(content, list) and content and all(isinstance(row, dict) and "miou" in row for row in content):
        return {"rows": [_row(row) for row in content]}
    if isinstance(content, list):
        return {"entries": len(content)}
    if not isinstance(content, dict):
        return {}
    return {"keys": {key: _size(value) for key, value in content.items() if key != "provenance"}}


def _row(row: dict) -> str:
    facts = " ".join(str(row.get(key, "")) for key in FACTS)
    made_from = ", ".join(f"{path} {digest}" for path, digest in row.get("made_from", {}).items())
    return f"{facts} CRF  mIoU {row['miou']:.2f}  from {made_from or 'files that it does not name'}"


def _size(value: Any) -> str:
    return f"{len(value)} entries" if isinstance(value, list | dict) else str(value)


def inspect_table(path: Path) -> dict[str, Any]:
    """The columns of a table, and how many rows it has."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, dialect="excel-tab")
        columns = next(reader, [])
        return {"columns": columns, "rows": sum(1 for _ in reader)}
