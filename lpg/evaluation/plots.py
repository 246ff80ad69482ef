"""Curves: the loss of every training, the scores of every stage."""

import json
from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from lpg.files.atomic import replace_atomically

CURVES = (
    ("--", "pseudo masks", ("box fill", "pseudo masks"), "without"),
    ("-.", "pseudo masks, with CRF", ("pseudo masks",), "with"),
    ("-", "segmenter", ("segmenter",), "without"),
    (":", "segmenter, with CRF", ("segmenter",), "with"),
)


def save_figure(figure: plt.Figure, path: str | Path) -> None:
    with replace_atomically(path) as partial:
        figure.savefig(partial, dpi=120, bbox_inches="tight", format="png")
    plt.close(figure)


def plot_losses(checkpoints: Sequence[str | Path], path: str | Path) -> None:
    """The losses that the checkpoints keep, smoothed over a fiftieth of their iterations, one panel per network."""
    from lpg.files.checkpoint import read_tensors

    figure, axes = plt.subplots(1, 2, figsize=(11, 4))
    for file in checkpoints:
        content = read_tensors(Path(file))
        losses = np.array(content["losses"])
        window = max(1, len(losses) // 50)
        smooth = np.convolve(losses, np.ones(window) / window, mode="valid")
        panel = axes[0] if content["kind"] == "segmenter" else axes[1]
        panel.plot(np.arange(len(smooth)) + window, smooth, label="/".join(Path(file).parts[-3:-1]))
    for panel, title in zip(axes, ("Segmenter", "Generator"), strict=True):
        panel.set(title=title, xlabel="iteration", ylabel="loss")
        if panel.lines:
            panel.legend(fontsize=8)
    save_figure(figure, path)


def plot_scores(scores: str | Path, path: str | Path) -> None:
    """mIoU by stage, a panel per split, a colour per run.

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
