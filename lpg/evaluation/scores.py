"""All scores in one table: rows that say what they are, per cent of full beside them."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from lpg.evaluation.pages import write_page
from lpg.evaluation.score_tables import score_tables
from lpg.files.atomic import replace_atomically

COLUMNS = (
    "run", "stage", "seed", "what", "split", "images", "classes", "miou", "per_cent_of_full",
    "supervision", "generator", "segmenter", "initialisation", "crf", "trained_on",
)  # fmt: skip


def tabulate_scores(
    scores: Sequence[str | Path],
    *,
    upper_bounds: dict[str, str | None],
    galleries: Mapping[str, Mapping[int, str]] | None = None,
    tsv: str | Path,
    json_path: str | Path,
    html: str | Path,
) -> None:
    """Write one table of all `scores.json`, per cent of full beside every segmenter row.

    Arguments:
        upper_bounds: for every run the run trained on the same dataset's masks; full is its last stage.
        galleries: of runs and stages the page of pictures that the page of scores links to.
    """
    rows = [row for file in scores for row in json.loads(Path(file).read_text())]
    for row in rows:
        row["per_cent_of_full"] = _per_cent_of_full(row, rows, upper_bounds)
    table = pd.DataFrame(rows, columns=COLUMNS)
    per_class = pd.DataFrame([row["iou"] for row in rows])
    table = pd.concat([table, per_class.add_prefix("iou ")], axis=1)
    with replace_atomically(tsv) as partial:
        table.to_csv(partial, sep="\t", index=False, float_format="%.2f")
    with replace_atomically(json_path) as partial:
        partial.write_text(json.dumps(rows, indent=1) + "\n")
    links = {
        (run, stage): os.path.relpath(page, Path(html).parent)
        for run, stages in (galleries or {}).items()
        for stage, page in stages.items()
    }
    write_page(html, "scores.html", galleries=links, **score_tables(rows))


def _per_cent_of_full(row: dict, rows: list[dict], upper_bounds: dict[str, str | None]) -> float | None:
    if row["what"] != "segmenter":
        return None
    full = [
        other
        for other in rows
        if other["run"] == upper_bounds.get(row["run"])
        and other["split"] == row["split"]
        and other["what"] == "segmenter"
        and other["crf"] == row["crf"]
    ]
    return 100 * (row["miou"] / max(full, key=lambda other: other["stage"])["miou"]) if full else None
