"""The scores of a stage, in rows that say what they are and what they were made from."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path

from lpg.evaluation.confusion import score_label_maps
from lpg.files.atomic import replace_atomically
from lpg.files.boxes import merged_classes
from lpg.jobs.provenance import content_digest, shown

log = logging.getLogger(__name__)


def score_stage(
    description: dict, *, truth: Sequence[str | Path], labels: Sequence[str | Path], path: str | Path
) -> None:
    """Write `scores.json`: one row for every file of labels.

    A row's `made_from` has the paths of labels and ground truth, and the digests of their contents.

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
    kept = ("run", "stage", "seed", "supervision", "segmenter", "initialisation", "generator")
    return {
        **{key: description[key] for key in kept},
        "trained_on": ", ".join(description["trained_on"]),
        **{key: row[key] for key in ("what", "split", "crf")},
        **({"generator": "boxes"} if row["what"] == "box fill" else {}),
        **scores,
        "made_from": {shown(path): content_digest(path) for path in (labels, truth)},
    }
