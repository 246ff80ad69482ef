"""Whether `quality.tsv` is right: its risks and scores against the true IoU, where there is a ground truth."""

import csv
import logging
from array import array
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.stats import rankdata, spearmanr

from lpg.evaluation.calibration import Calibration
from lpg.evaluation.calibration_fitting import expected_error
from lpg.evaluation.compared import compared_objects
from lpg.evaluation.quality_table import Ratings, read_quality
from lpg.evaluation.reliability import plot_reliability
from lpg.files.atomic import replace_atomically
from lpg.files.boxes import BoxTable
from lpg.photograph import dataset_of

log = logging.getLogger(__name__)

BAD = 0.5  # an IoU below it is a mask that a person would reject
COLUMNS = ("split", "objects", "bad", "spearman", "auc", "scored", "calibration_error", "fitted_here")


def score_risk(
    *,
    quality: Sequence[str | Path],
    boxes: Sequence[str | Path],
    truth: Sequence[str | Path],
    masks: Sequence[str | Path],
    path: str | Path,
    picture: str | Path | None = None,
    calibration: str | Path | None = None,
) -> None:
    """Write `risk.tsv`: per dataset how well the risk ranks the masks; and, for `picture`, the reliability diagram.

    Columns: `split`, `objects` (with a true mask), `bad` (those with an IoU below one half), `spearman` (rank
    correlation of IoU and one minus the risk), `auc` (of the risk, for `bad`), `scored` (objects with a score),
    `calibration_error` (ECE of the score, over those; empty without scores) and `fitted_here` (`yes` where the
    calibration behind the scores was fitted on this dataset, so that its error is too small; empty without one).

    Arguments:
        quality, boxes, truth, masks: `quality.tsv`, `boxes.h5`, `masks.h5` and `pseudo_masks.h5` of the same datasets.
        calibration: by which their masks were rated.
    """
    fitted_on = Calibration.load(calibration).provenance.get("datasets", ()) if calibration else ()
    rows, curves = [], {}
    for files in zip(quality, boxes, truth, masks, strict=True):
        risks, scores, ious = rated_ious(*files)
        split = dataset_of(next(read_quality(files[0]))["image"])
        correlation, auc = spearmanr(-risks, ious).statistic, area_under_curve(risks, ious < BAD)
        known = ~np.isnan(scores)
        error = f"{expected_error(scores[known], ious[known]):.3f}" if known.any() else ""
        ranked = f"{correlation:.3f}", f"{auc:.3f}"
        fitted = ("yes" if split in fitted_on else "no") if calibration and error else ""
        rows.append((split, len(ious), int((ious < BAD).sum()), *ranked, np.count_nonzero(known), error, fitted))
        scored = "predicted IoU", scores[known], ious[known]
        curves[split] = scored if known.any() else ("1 \u2212 risk", 1 - risks, ious)
        log.info("%s: Spearman of risk and IoU %.3f, AUC for an IoU below one half %.3f", split, correlation, auc)
    with replace_atomically(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, dialect="excel-tab", lineterminator="\n").writerows([COLUMNS, *rows])
    if picture:
        plot_reliability(curves, picture)


def rated_ious(
    quality: str | Path, boxes: str | Path, truth: str | Path, masks: str | Path
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Risk, score (not a number where there is none) and true IoU of every object that has a true mask.

    Raises:
        InputError: one of them has no row in `quality`.
    """
    ratings, found = Ratings([quality]), array("d")
    for one in compared_objects(BoxTable([boxes]), truth, masks):
        rating = ratings.of(one.image.name, one.index)
        found.extend((rating.risk, rating.score, one.iou))
    risks, scores, ious = np.array(found).reshape(-1, 3).T
    return risks, scores, ious


def area_under_curve(risks: np.ndarray, bad: np.ndarray) -> float:
    """The chance that a bad mask has a higher risk than a good one, ties a half; not a number if all are alike."""
    count = np.count_nonzero(bad)
    if count in (0, len(bad)):
        return float("nan")
    return float((rankdata(risks)[bad].sum() - count * (count + 1) / 2) / (count * (len(bad) - count)))
