"""The loss of every training as a curve."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lpg.evaluation.figures import plt, save_figure
from lpg.files.checkpoint_facts import said_in_checkpoint


def plot_losses(checkpoints: Sequence[str | Path], path: str | Path) -> None:
    """Draw the losses that checkpoints keep, smoothed over a fiftieth of their iterations; a panel for each network."""
    curves: dict[str, list[tuple[str, np.ndarray]]] = {}
    for file in checkpoints:
        content = said_in_checkpoint(Path(file), whole=True)
        curve = "/".join(Path(file).parts[-3:-1]), np.array(content["losses"])
        curves.setdefault(content["kind"], []).append(curve)
    figure, axes = plt.subplots(1, len(curves), figsize=(5.5 * len(curves), 4), squeeze=False)
    for panel, (kind, own) in zip(axes[0], curves.items(), strict=True):
        for label, losses in own:
            window = max(1, len(losses) // 50)
            smooth = np.convolve(losses, np.ones(window) / window, mode="valid")
            panel.plot(np.arange(len(smooth)) + window, smooth, label=label)
        panel.set(title=kind.capitalize(), xlabel="iteration", ylabel="loss")
        panel.xaxis.get_major_locator().set_params(integer=True)
        panel.legend(fontsize=8)
    save_figure(figure, path)
