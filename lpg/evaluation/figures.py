"""How curves become pictures: without a screen, and whole."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from lpg.files.atomic import replace_atomically


def save_figure(figure: plt.Figure, path: str | Path) -> None:
    with replace_atomically(path) as partial:
        figure.savefig(partial, dpi=120, bbox_inches="tight", format="png")
    plt.close(figure)
