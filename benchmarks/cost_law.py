"""`python -m benchmarks.cost_law memory.json cost_law.png`: what benchmarks/memory.py measured, as a figure.

CPU time and peak memory of every step, and bytes of every file, over the number of photographs. Trainings, which do not
go over a dataset once, are left out of the times.
"""

import argparse
import json
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

GAP = 0.024  # of the axes' height, between two names
TRAININGS = ("train_segmenter", "train_generator")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cost_law", description=__doc__.splitlines()[0])
    parser.add_argument("measured", type=Path)
    parser.add_argument("figure", type=Path)
    given = parser.parse_args()
    measured = json.loads(given.measured.read_text())
    steps = measured["steps"]
    figure, (times, memory, files) = plt.subplots(1, 3, figsize=(18, 8), layout="constrained")
    seconds = {name: {count: one["seconds"] for count, one in of.items()} for name, of in steps.items()}
    _draw(times, {name: of for name, of in seconds.items() if name not in TRAININGS}, "CPU seconds", log=True)
    peaks = {name: {count: one["megabytes"] for count, one in of.items()} for name, of in steps.items()}
    _draw(memory, peaks, "peak memory, MB")
    _draw(files, measured["bytes"], "bytes", log=True)
    figure.savefig(given.figure, dpi=70)


def _draw(axes: Axes, lines: dict[str, dict[str, float]], what: str, log: bool = False) -> None:
    """A line for each step or file, its name beside its end."""
    axes.set(xscale="log", yscale="log" if log else "linear", xlabel="photographs", ylabel=what)
    axes.grid(alpha=0.3)
    colours = {}
    for name, of in lines.items():
        (line,) = axes.plot([int(count) for count in of], list(of.values()), "o-", markersize=3)
        colours[name] = line.get_color()
    axes.autoscale_view()
    lowest = -GAP
    for name, of in sorted(lines.items(), key=lambda one: list(one[1].values())[-1]):
        end = axes.transAxes.inverted().transform(axes.transData.transform((1, list(of.values())[-1])))[1]
        lowest = max(end, lowest + GAP)
        axes.text(1.02, lowest, name, transform=axes.transAxes, color=colours[name], fontsize=9, va="center")


if __name__ == "__main__":
    main()
