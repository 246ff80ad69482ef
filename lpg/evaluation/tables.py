"""Our rows beside the paper's: Tables II to VIII, every row marked measured or published."""

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from lpg.evaluation.pages import write_page
from lpg.evaluation.published import TABLES, Row
from lpg.files.atomic import replace_atomically
from lpg.files.hdf5 import open_file

COLUMNS = ("method", "source", "supervision", "what", "split", "crf", "initialisation")


def measured_rows(label: str, scores: Sequence[dict], what: Sequence[str], split: str, depth: int) -> list[dict]:
    """One line per kind of score and CRF that a run has on `split`, its stages side by side.

    Arguments:
        scores: the rows of the run's `scores.json`, of any stages.
        what: `segmenter`, `pseudo masks` or both.
        depth: stages beyond it are left out, as the paper's table leaves them out; the note says that there are some.
    """
    asked = [row for row in scores if row["split"] == split and row["what"] in what and row["stage"]]
    kept = [row for row in asked if row["stage"] <= depth]
    last = max((row["stage"] for row in asked), default=0)
    more = f"; stage {depth} of {last}" if last > depth else ""
    lines: dict[tuple[str, str], dict] = {}
    for row in sorted(kept, key=lambda row: row["stage"]):
        line = lines.setdefault(
            (row["what"], row["crf"]),
            {
                "method": label,
                "source": "measured",
                **{key: row[key] for key in ("supervision", "what", "split", "crf", "initialisation")},
                "note": f"{row['generator']}{more}",
            },
        )
        if row["what"] == "pseudo masks":
            line["initialisation"] = None
        line[f"stage {row['stage']}"] = line["final"] = row["miou"]
    return list(lines.values())


def published_row(row: Row, what: str) -> dict:
    """A row of the paper's table as one of ours, `what` being measured; see `lpg.evaluation.published`."""
    stages = {f"stage {stage}": value for stage, value in enumerate(row.stages, start=1)}
    facts = {
        "method": row.label,
        "source": "published",
        "supervision": row.supervision,
        "what": what,
        "split": "paper's",
    }
    segmenter = {"crf": "with", "initialisation": "imagenet"} if what == "segmenter" else {"crf": "without"}
    return {**facts, **segmenter, **stages, "final": row.last, "note": row.note}


def auxiliary_share(truth: dict[str, Sequence[str | Path]]) -> dict[str, dict]:
    """How many photographs and masks taught each method, and the per cent of the most in the table.

    Arguments:
        truth: per method the `masks.h5` of its auxiliary datasets; methods that learned nothing have none.
    """
    counts = {label: tuple(map(sum, zip(*map(_count, files), strict=True))) for label, files in truth.items() if files}
    most = [max(values) for values in zip(*counts.values(), strict=True)]
    return {
        label: {
            "auxiliary images": f"{images} ({100 * images / most[0]:.0f} %)",
            "auxiliary masks": f"{masks} ({100 * masks / most[1]:.0f} %)",
        }
        for label, (images, masks) in counts.items()
    }


def _count(path: str | Path) -> tuple[int, int]:
    """How many photographs there are, and how many boxes with a mask: a generator learns nothing from the others."""
    with open_file(path, "images/name", "boxes/area") as file:
        return len(file["images/name"]), int((file["boxes/area"][:] > 0).sum())


def tabulate_table(
    name: str,
    *,
    title: str | None,
    split: str,
    what: Sequence[str],
    rows: Sequence[dict],
    tsv: str | Path,
    html: str | Path,
) -> None:
    """Write one table: for every method of the paper its published row, then ours; then methods of ours alone.

    Arguments:
        name: a key of `lpg.evaluation.published.TABLES`.
        split: the dataset that ours are measured on.
        what: the kinds of score to print, `segmenter` or `pseudo masks`.
        rows: per method of ours its `label`, its `scores` (files) and the `auxiliary` masks behind it.
    """
    table = TABLES[name]
    shares = auxiliary_share({row["label"]: row["auxiliary"] for row in rows})
    depth = max(len(row.stages) for row in table.rows)
    ours = {row["label"]: _measure(row, what, split, depth, shares.get(row["label"], {})) for row in rows}
    lines = []
    for row in table.rows:
        lines += [published_row(row, table.what), *ours.pop(row.label, [])]
    lines += [line for group in ours.values() for line in group]
    stages = sorted({key for line in lines for key in line if key.startswith("stage ")})
    shared = [key for key in ("auxiliary images", "auxiliary masks") if any(key in line for line in lines)]
    frame = pd.DataFrame(lines, columns=[*COLUMNS, *shared, *stages, "final", "note"])
    with replace_atomically(tsv) as partial:
        frame.to_csv(partial, sep="\t", index=False, float_format="%.2f")
    numbers = [*stages, "final"]
    first = ["method", "source", *numbers]  # of a page, what is read first; it leaves out what is the case nowhere
    shown = [*first, *(name for name in frame.columns if name not in first and frame[name].notna().any())]
    columns = [{"name": name, "number": name in numbers} for name in shown]
    cells = [{name: _cell(value) for name, value in row.items()} for row in frame.to_dict("records")]
    write_page(html, "table.html", title=title or table.title, columns=columns, rows=cells)


def _measure(row: dict, what: Sequence[str], split: str, depth: int, share: dict) -> list[dict]:
    scores = [line for file in row["scores"] for line in json.loads(Path(file).read_text())]
    return [line | share for line in measured_rows(row["label"], scores, what, split, depth)]


def _cell(value: float | str | None) -> str:
    if pd.isna(value):
        return ""
    return f"{value:.1f}" if isinstance(value, float) else str(value)
