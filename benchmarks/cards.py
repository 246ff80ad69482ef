"""`python -m benchmarks.cards RESULTS general`: the figures of a shipped generator's card, as markdown.

RESULTS is the folder of a run of config/shipped.yaml in which `<name>-val/stage1/scores.json` and `objects.tsv` are
made, of `general` also those of `general-duts`.
"""

import argparse
import json
from pathlib import Path

import pandas as pd

from lpg.evaluation.objects import SIZES

FEWEST = 10  # objects of a class that has a row, on COCO
FIGURES = ["iou", "above_50", "above_75"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cards", description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("name")
    given = parser.parse_args()
    for stage in sorted(given.results.glob(f"{given.name}-*/stage1")):
        for row in json.loads((stage / "scores.json").read_text()):
            print(f"{row['split']}, {row['what']}: mIoU {row['miou']:.1f}")
        objects = pd.read_csv(stage / "objects.tsv", sep="\t")
        for split, rows in objects.groupby("split", sort=False):
            print(f"\n{split}\n\n{_table(rows, 1 if split == 'voc-val' else FEWEST)}\n")


def _table(rows: pd.DataFrame, fewest: int) -> str:
    """All objects, those of a size, and those of every class that has so many."""
    groups = rows["of"].isin(["all", *SIZES])
    classes = rows[~groups & (rows["objects"] >= fewest)].sort_values("of")
    lines = ["| of | objects | mean IoU | above 0.5 | above 0.75 |", "| --- | --- | --- | --- | --- |"]
    for _, row in pd.concat([rows[groups], classes]).iterrows():
        figures = [f"{row['objects']:,}", *(f"{row[figure]:.1f}" for figure in FIGURES)]
        lines.append(f"| {' | '.join([row['of'], *figures])} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
