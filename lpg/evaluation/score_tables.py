"""The rows of all scores as tables that fit a window: stages side by side, classes by themselves."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

FACTS = ("run", "seed", "supervision", "generator", "segmenter", "initialisation", "trained_on")
LINE = ("run", "what", "crf")


def score_tables(rows: Sequence[dict]) -> dict[str, Any]:
    """What `scores.html` shows of the rows of `scores.json`.

    Returns: `splits`, with a line for every run, kind of label map and CRF and its stages side by side, and with the
        IoU of every class; and `runs`, with the `facts` that the rows of a run have in common.
    """
    return {
        "splits": [_split(name, of_split) for name, of_split in _grouped(rows, lambda row: row["split"])],
        "runs": [_facts(of_run) for _, of_run in _grouped(rows, lambda row: row["run"])],
        "facts": FACTS,
    }


def _split(name: str, rows: list[dict]) -> dict[str, Any]:
    return {
        "name": name,
        "images": _counted({row["images"] for row in rows}),
        "stages": sorted({row["stage"] for row in rows}),
        "crf": any(row["crf"] == "with" for row in rows),
        "full": any(row["per_cent_of_full"] is not None for row in rows),
        "lines": [_line(key, of_line) for key, of_line in _grouped(rows, _line_of)],
        "classes": [_classes(run, of_run) for run, of_run in _grouped(rows, lambda row: row["run"])],
    }


def _line_of(row: dict) -> tuple[str, str, str]:
    """The line that a row belongs to: its run, kind of label map and CRF. Box fill is stage 0 of the pseudo masks."""
    return row["run"], _kind(row), row["crf"]


def _kind(row: dict) -> str:
    return "pseudo masks" if row["what"] == "box fill" else row["what"]


def _line(key: tuple[str, str, str], rows: list[dict]) -> dict[str, Any]:
    last = max(rows, key=lambda row: row["stage"])
    return {
        **dict(zip(LINE, key, strict=True)),
        "miou": {row["stage"]: row["miou"] for row in rows},
        "full": last["per_cent_of_full"],
    }


def _classes(run: str, rows: list[dict]) -> dict[str, Any]:
    """The table of a run's classes: classes downwards; kinds and their stages from left to right."""
    ordered = sorted(rows, key=lambda row: (_kind(row), row["crf"] == "with", row["stage"]))
    names = dict.fromkeys(name for row in ordered for name in row["iou"])
    return {
        "run": run,
        "heads": [f"{row['what']}{' and CRF' * (row['crf'] == 'with')}, stage\u00a0{row['stage']}" for row in ordered],
        "rows": [(name, [row["iou"].get(name) for row in ordered]) for name in names],
    }


def _facts(rows: list[dict]) -> dict[str, Any]:
    """The row whose facts stand for a run; one of box fill, which has another generator, only if there is no other."""
    return next((row for row in rows if row["what"] != "box fill"), rows[0])


def _counted(images: set[int]) -> str:
    low, high = min(images), max(images)
    return f"{low if low == high else f'{low} to {high}'} photograph{'' if high == 1 else 's'}"


def _grouped(rows: Iterable[dict], key: Callable[[dict], Hashable]) -> list[tuple[Any, list[dict]]]:
    """Groups in order of first appearance."""
    groups: dict[Hashable, list[dict]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return list(groups.items())
