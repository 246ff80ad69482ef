"""`python -m benchmarks.learning RESULTS`: mIoU of masks against the CPU time that their generator has learned for.

RESULTS is the folder of a run of config/benchmark.yaml, of which the extracted datasets are read. The Hourglass from
random weights and a U-Net on a pretrained trunk learn without scores from the same objects, in trainings of their own
of one, three and nine minutes of one thread; every point is such a training. Their masks are of every second photograph
of voc-val, mirrored images averaged, without a CRF.
"""

import argparse
import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import numpy as np

from benchmarks.photographs import labels_of
from lpg.evaluation.confusion import confusion_matrix, mean_iou
from lpg.files.boxes import BoxTable
from lpg.files.label_maps import LabelMaps
from lpg.generators.learned.apply import LearnedGenerator
from lpg.generators.learned.train import train_generator
from lpg.generators.opening import open_learned
from lpg.jobs.job import Job
from lpg.jobs.machine import Machine, choose_machine

TEACHERS = ("coco60", "caltech101", "duts", "butterfly")
BUDGETS = (60, 180, 540)  # seconds of one thread
TRIAL = 6  # iterations that tell what one costs
COMMON = {
    "view": "box", "context": [1.1, 1.5], "crop": 128, "batch": 12, "outside_weight": 0.05, "iou_weight": 1,
    "jitter": 0.2, "minimum_side": 16, "class_balance": 0.5, "score_dropout": 1,
    "apply": {"context": 1.2, "guided_radius": 0.04, "fusion": "odds"},
}  # fmt: skip
NETWORKS = {
    "Hourglass, from random weights": {
        "architecture": "hourglass", "target_stride": 1, "optimizer": "adamw", "learning_rate": 1.5e-3,
        "weight_decay": 0.01,
    },
    "U-Net on EfficientNet-Lite0, from ImageNet": {"architecture": "unet", "output_stride": 2},
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learning", description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("--budgets", nargs="+", type=float, default=BUDGETS, metavar="SECONDS")
    parser.add_argument("--json", type=Path, default=Path("results/learning.json"))
    parser.add_argument("--figure", type=Path, default=Path("docs/learning.png"))
    given = parser.parse_args()
    machine = choose_machine(gpu=0, threads=1)
    found = {
        name: [_learned(COMMON | recipe, budget, given.results / "datasets", machine) for budget in given.budgets]
        for name, recipe in NETWORKS.items()
    }
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(found, indent=1) + "\n")
    _draw(found, given.figure)


def _learned(recipe: dict, budget: float, datasets: Path, machine: Machine) -> dict[str, float]:
    """A training as long as the budget, and what its masks are worth."""
    with TemporaryDirectory() as folder:
        each = _train(recipe | {"iterations": TRIAL}, datasets, Path(folder, "trial.pt"), machine) / TRIAL
        iterations = max(1, round(budget / each))
        took = _train(recipe | {"iterations": iterations}, datasets, Path(folder, "generator.pt"), machine)
        miou = _mean_iou(open_learned(Path(folder, "generator.pt"), "cpu"), datasets / "voc-val")
    found = {"seconds": round(took), "iterations": iterations, "miou": round(100 * miou, 1)}
    print(recipe["architecture"], found, flush=True)
    return found


def _train(recipe: dict, datasets: Path, path: Path, machine: Machine) -> float:
    """CPU seconds."""
    files = {kind: [datasets / name / f"{kind}.h5" for name in TEACHERS] for kind in ("boxes", "masks")}
    started = time.process_time()
    train_generator(recipe, **files, predictions=[], start=None, job=Job(path, machine=machine))
    return time.process_time() - started


def _mean_iou(generator: LearnedGenerator, dataset: Path) -> float:
    table = BoxTable([dataset / "boxes.h5"])
    truth, classes = LabelMaps([dataset / "masks.h5"], table.classes), len(table.classes)
    matrix = np.zeros((classes, classes), dtype=np.int64)
    for image in table.images[::2]:
        matrix += confusion_matrix(truth[image.name], labels_of(generator, image, image.read()), classes)
    return mean_iou(matrix)


def _draw(found: dict[str, list[dict[str, float]]], path: Path) -> None:
    figure, axes = plt.subplots(figsize=(7, 4))
    for name, points in found.items():
        axes.plot([one["seconds"] for one in points], [one["miou"] for one in points], "o-", label=name)
    axes.set(xscale="log", xlabel="CPU seconds of training", ylabel="mIoU of the masks, voc-val, per cent")
    axes.set_xticks([50, 100, 200, 500], labels=["50", "100", "200", "500"])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=100)


if __name__ == "__main__":
    main()
