"""Scores of every run and stage, in rows that say what they are."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from lpg.evaluation.confusion import score_label_maps
from lpg.files.atomic import replace_atomically
from lpg.files.boxes import merged_classes

log = logging.getLogger(__name__)

COLUMNS = (
    "run", "stage", "what", "split", "images", "miou", "per_cent_of_full",
    "supervision", "generator", "segmenter", "initialisation", "crf", "trained_on",
)  # fmt: skip


def score_stage(
    description: dict, *, truth: Sequence[str | Path], labels: Sequence[str | Path], path: str | Path
) -> None:
    """Write `scores.json`: one row for every file of labels.

    Arguments:
        description: what the rows say about themselves. `truth_of` names the datasets of `truth`; `scored` has, for
            every file of `labels`, `what` it is, its `split` and its `crf`.
    """
    true_masks = dict(zip(description["truth_of"], truth, strict=True))
    rows = [
        _row(description, row, true_masks[row["split"]], file)
        for row, file in zip(description["scored"], labels, strict=True)
    ]
    with replace_atomically(path) as partial:
        partial.write_text(json.dumps(rows, indent=1) + "\n")


def _row(description: dict, row: dict, truth: str | Path, labels: str | Path) -> dict:
    scores = score_label_maps([truth], [labels], merged_classes([labels]))
    log.info(
        "%s on %s, %s CRF: mIoU %.2f over %d images",
        row["what"], row["split"], row["crf"], scores["miou"], scores["images"],
    )  # fmt: skip
    kept = ("run", "stage", "supervision", "segmenter", "initialisation", "generator")
    return {
        **{key: description[key] for key in kept},
        "trained_on": ", ".join(description["trained_on"]),
        **{key: row[key] for key in ("what", "split", "crf")},
        **({"generator": "boxes"} if row["what"] == "box fill" else {}),
        **scores,
    }


def tabulate_scores(
    scores: Sequence[str | Path],
    *,
    upper_bounds: dict[str, str | None],
    tsv: str | Path,
    json_path: str | Path,
    html: str | Path,
) -> None:
    """One table of all `scores.json`, per cent of full beside every segmenter row.

    Arguments:
        upper_bounds: for every run the run trained on the same dataset's masks; full is its last stage.
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
    with replace_atomically(html) as partial:
        partial.write_text(_page(table))


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
    return 100 * row["miou"] / max(full, key=lambda other: other["stage"])["miou"] if full else None


def _page(table: pd.DataFrame) -> str:
    style = (
        "body{font:14px/1.5 system-ui,sans-serif;margin:2rem;color:#222}"
        "table{border-collapse:collapse}td,th{padding:.25rem .6rem;text-align:right;border-bottom:1px solid #ddd;"
        "white-space:nowrap}th{position:sticky;top:0;background:#fff}td:nth-child(-n+4){text-align:left}"
        "tbody tr:hover{background:#f4f6fa}"
    )
    shown = table.rename(columns=lambda name: name.removeprefix("iou ").replace("_", " "))
    body = shown.to_html(index=False, float_format=lambda value: f"{value:.1f}", na_rep="", border=0)
    return (
        f"<!doctype html><meta charset='utf-8'><title>Scores</title><style>{style}</style><h1>Scores</h1>"
        "<p>mIoU and IoU in per cent, from one confusion matrix per split: background included, void left out. "
        "<i>Per cent of full</i> compares with the last stage of the run that is trained on the dataset's own masks."
        f"</p>{body}\n"
    )
