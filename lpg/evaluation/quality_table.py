"""`quality.tsv`: a row for every mask."""

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from lpg.errors import InputError
from lpg.files.atomic import replace_atomically
from lpg.photograph import Id


@dataclass(frozen=True)
class Quality:
    """Of one mask; the fields are the columns of `quality.tsv`, `class_name` is called `class` there.

    Attributes:
        image, box, object_id: whose mask it is; `box` is its position in the photograph.
        score: the predicted IoU; None without a calibration.
        risk: in [0, 1], higher is worse: one minus the IoU that the head predicts, with all that is known.
        area: pixels.
        filling, tightness, components, holes: as of `Features`.
        agreement: IoU with a second generator's mask; None if there is none.
        change: IoU with the mask of the stage before; None if there is none.
        note: `empty`, `fills` (all of its box) or nothing.
    """

    image: str
    box: int
    object_id: Id
    class_name: str
    score: float | None
    risk: float
    area: int
    filling: float
    tightness: float
    components: int
    holes: int
    agreement: float | None
    change: float | None
    note: str


COLUMNS = ["class" if field.name == "class_name" else field.name for field in fields(Quality)]


def write_quality(path: str | Path, rated: Iterable[Quality]) -> None:
    """Write `quality.tsv`, a row at a time."""
    with replace_atomically(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, dialect="excel-tab", lineterminator="\n")
        writer.writerow(COLUMNS)
        for quality in rated:
            writer.writerow([_text(getattr(quality, field.name), field.name) for field in fields(quality)])


def read_quality(path: str | Path) -> list[dict[str, str]]:
    """The rows of a `quality.tsv`, by column; texts, as they stand there."""
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, dialect="excel-tab")
            if not {"image", "box", "risk"} <= set(reader.fieldnames or ()):
                raise ValueError("it lacks image, box or risk")
            rows = list(reader)
        for row in rows:
            _check_row(row)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", "mend the path, or leave it out") from None
    except (csv.Error, ValueError) as error:
        raise InputError(f"{path} is no quality.tsv of lpg ({error})", "give one, or leave it out") from None
    return rows


def _check_row(row: dict[str, str]) -> None:
    """Raises ValueError: it is not whole, or has no numbers where it should."""
    if None in row or None in row.values() or not row["box"].isdecimal():
        raise ValueError(f"a line of {row['image']!r} is not whole")
    values = [float(row["risk"]), float(row.get("score") or 0)]
    if not all(0 <= value <= 1 for value in values):
        raise ValueError(f"a line of {row['image']!r} has {values}, not from 0 to 1")


def read_scores(path: str | Path) -> dict[str, list[float]]:
    """Of every photograph the predicted IoU of its masks, or if one has none, what their risk leaves of 1."""
    rows, scores = read_quality(path), {}
    known = all(row.get("score") for row in rows)
    for row in rows:
        scores.setdefault(row["image"], []).append(float(row["score"]) if known else 1 - float(row["risk"]))
    return scores


def _text(value: object, name: str) -> str:
    if name == "object_id":
        return json.dumps(value)
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)
