"""The loss of every training as a curve."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lpg.evaluation.figures import plt, save_figure
from lpg.files.checkpoint_facts import said_in_checkpoint


def plot_losses(checkpoints: Sequence[str | Path], path: str | Path) -> None:
    """The losses that the checkpoints keep, smoothed over a fiftieth of their iterations, one panel per network."""
    figure, axes = plt.subplots(1, 2, figsize=(11, 4))
    for file in checkpoints:
        content = said_in_checkpoint(Path(file), whole=True)
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
