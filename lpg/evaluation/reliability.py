"""The reliability diagram: predicted and true IoU, side by side."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lpg.evaluation.calibration_fitting import shares_of
from lpg.evaluation.figures import plt, save_figure


def plot_reliability(curves: Mapping[str, tuple[str, np.ndarray, np.ndarray]], path: str | Path) -> None:
    """Draw a panel per dataset: every mask a dot, and the means of ten shares, which should lie on the diagonal.

    Arguments:
        curves: by dataset what is predicted, the predicted and the true IoU of every mask, both (N,).
    """
    size = 3.6 * len(curves), 3.6
    figure, axes = plt.subplots(1, len(curves), figsize=size, squeeze=False, layout="constrained")
    for panel, (name, (what, predicted, ious)) in zip(axes[0], curves.items(), strict=True):
        shares = shares_of(predicted)
        panel.plot([0, 1], [0, 1], color="0.8", linewidth=1)
        panel.plot(predicted, ious, ".", color="0.75", markersize=2)
        panel.plot(
            [predicted[share].mean() for share in shares], [ious[share].mean() for share in shares], "o-", markersize=4
        )
        panel.set(title=name, xlabel=what, ylabel="IoU", xlim=(0, 1), ylim=(0, 1), aspect="equal")
    save_figure(figure, path)
