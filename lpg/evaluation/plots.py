"""The scores of every stage as curves."""

import json
from pathlib import Path

from lpg.evaluation.figures import plt, save_figure

CURVES = (
    ("--", "pseudo masks", ("box fill", "pseudo masks"), "without"),
    ("-.", "pseudo masks, with CRF", ("pseudo masks",), "with"),
    ("-", "segmenter", ("segmenter",), "without"),
    (":", "segmenter, with CRF", ("segmenter",), "with"),
)


def plot_scores(scores: str | Path, path: str | Path) -> None:
    """Draw mIoU by stage, a panel per split, a colour per run.

    Pseudo masks are dashed, segmenters solid; after a CRF dash-dotted and dotted.
    """
    rows = json.loads(Path(scores).read_text())
    splits, runs = ([*dict.fromkeys(row[key] for row in rows)] for key in ("split", "run"))
    colours = {run: f"C{index}" for index, run in enumerate(runs)}
    figure, axes = plt.subplots(1, len(splits), figsize=(6 * len(splits), 4.5), squeeze=False)
    for panel, split in zip(axes[0], splits, strict=True):
        for run in runs:
            for style, name, kinds, crf in CURVES:
                points = [(row["stage"], row["miou"]) for row in rows if row["run"] == run and row["split"] == split
                          and row["what"] in kinds and row["crf"] == crf]  # fmt: skip
                if points:
                    curve = zip(*sorted(points), strict=True)
                    panel.plot(*curve, style, marker="o", color=colours[run], label=f"{run}: {name}")
        panel.set(title=split, xlabel="stage", ylabel="mIoU, %")
        panel.xaxis.get_major_locator().set_params(integer=True)
        if panel.lines:
            panel.legend(fontsize=8)
    save_figure(figure, path)
