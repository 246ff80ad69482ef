"""`quality.tsv`: a row for every mask."""

import csv
import json
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from math import isnan
from pathlib import Path

from lpg.errors import InputError
from lpg.files.atomic import replace_atomically
from lpg.files.ragged import Names
from lpg.photograph import Id


@dataclass(frozen=True)
class Quality:
    """The quality of one mask; the fields are the columns of `quality.tsv`, where `class_name` is called `class`.

    Attributes:
        image, box, object_id: whose mask it is; `box` is its position in the photograph.
        score: the predicted IoU; None without a calibration, and of a mask that shows no doubt.
        risk: in [0, 1], higher is worse: one minus the IoU that the head predicts, with all that is known.
        area: pixels.
        filling, tightness, components, holes: as of `Features`.
        agreement: IoU with a second generator's mask; None if there is none.
        change: IoU with the mask of the stage before; None if there is none.
        note: `empty`, `fills` (all of its box), `accepted` or `rejected` by a person, or nothing.
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


def read_quality(path: str | Path) -> Iterator[dict[str, str]]:
    """The rows of a `quality.tsv`, by column; texts, as they stand there.

    Raises:
        InputError: the file cannot be read, or is no `quality.tsv`; when the row is reached.
    """
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, dialect="excel-tab")
            if not {"image", "box", "risk"} <= set(reader.fieldnames or ()):
                raise ValueError("it lacks image, box or risk")
            for row in reader:
                _check_row(row)
                yield row
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", "mend the path, or leave it out") from None
    except (csv.Error, ValueError) as error:
        raise InputError(
            f"{path} is no quality.tsv of lpg ({error})", "move it away, and the same command makes it anew"
        ) from None


def _check_row(row: dict[str, str]) -> None:
    """Check that a row is whole and has numbers where it should.

    Raises:
        ValueError: it is not, or has not.
    """
    if None in row or None in row.values() or not row["box"].isdecimal():
        raise ValueError(f"a line of {row['image']!r} is not whole")
    values = [float(row["risk"]), float(row.get("score") or 0)]
    if not all(0 <= value <= 1 for value in values):
        raise ValueError(f"a line of {row['image']!r} has {values}, not from 0 to 1")


@dataclass(frozen=True)
class Rating:
    """What a row says of a mask; `score` is not a number where none is predicted."""

    risk: float
    score: float
    note: str

    @property
    def likely(self) -> float:
        """The predicted IoU, or where there is none, what the risk leaves of 1."""
        return 1 - self.risk if isnan(self.score) else self.score


class Ratings:
    """The rows of `quality.tsv` files by photograph and box, in few bytes each: there may be a million."""

    def __init__(self, paths: Iterable[str | Path]) -> None:
        self._risks, self._scores, self._notes = array("d"), array("d"), array("B")
        self._kinds: list[str] = []
        self._names = Names(_key(row["image"], row["box"]) for path in paths for row in self._added(path))

    def _added(self, path: str | Path) -> Iterator[dict[str, str]]:
        for row in read_quality(path):
            note = row.get("note") or ""
            if note not in self._kinds:
                self._kinds.append(note)
            self._risks.append(float(row["risk"]))
            self._scores.append(_score(row))
            self._notes.append(self._kinds.index(note))
            yield row

    def __len__(self) -> int:
        return len(self._names)

    def get(self, image: str, box: int) -> Rating | None:
        """The rating of a mask, or None if it has no row."""
        row = self._names.last(_key(image, box))
        return None if row is None else Rating(self._risks[row], self._scores[row], self._kinds[self._notes[row]])

    def of(self, image: str, box: int) -> Rating:
        """The rating of a mask that must have one.

        Raises:
            InputError: it has no row.
        """
        rating = self.get(image, box)
        if rating is None:
            raise InputError(f"the quality.tsv has no row for box {box} of {image}", "make it again from these masks")
        return rating


def _key(image: str, box: int | str) -> str:
    return f"{image}\t{box}"


def read_scores(path: str | Path) -> dict[str, list[float]]:
    """The predicted IoUs of every photograph's masks, by its name; where there is none, what the risk leaves of 1."""
    scores: dict[str, list[float]] = {}
    for row in read_quality(path):
        scores.setdefault(row["image"], []).append(Rating(float(row["risk"]), _score(row), "").likely)
    return scores


def _score(row: dict[str, str]) -> float:
    return float(row.get("score") or "nan")


def _text(value: object, name: str) -> str:
    if name == "object_id":
        return json.dumps(value)
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)
