"""`python -m benchmarks.ways DATASET [GENERATOR]`: a generator's single masks and its time, by how it is applied.

DATASET is a folder of results/datasets, with `boxes.h5` and `masks.h5`. Mean IoU of all objects and by the longer side
of their boxes, and CPU seconds of one thread; the ways take turns, photograph by photograph. Without a segmenter.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from benchmarks.looseness import object_ious
from lpg.commands.masks import QUICK
from lpg.files.boxes import BoxTable
from lpg.files.ground_truth import InstanceMasks
from lpg.generators.interface import Request
from lpg.generators.opening import open_learned
from lpg.generators.shipped import generator_path
from lpg.jobs.machine import choose_machine

SAME_SIZE = {"magnify": 1000.0}
WAYS = {"as it ships": {}, "`--quick`": QUICK, "every box at one size": SAME_SIZE} | {
    f"at {scale:.3g} of it": SAME_SIZE | {"scale": scale} for scale in (0.875, 0.75, 0.625, 0.5)
}
SIDES = (0, 16, 32, 64, 128)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ways", description=__doc__.splitlines()[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("generator", nargs="?", default="general")
    parser.add_argument("--every", type=int, default=1, help="of so many photographs, the first is asked")
    given = parser.parse_args()
    choose_machine(gpu=0, threads=1)
    table, truth = BoxTable([given.dataset / "boxes.h5"]), InstanceMasks([given.dataset / "masks.h5"])
    generators = {way: open_learned(generator_path(given.generator), "cpu", apply) for way, apply in WAYS.items()}
    seconds, ious, sides = dict.fromkeys(WAYS, 0.0), {way: [] for way in WAYS}, []
    for image in list(table.images)[:: given.every]:
        request = Request(image, image.read(), {})
        for way, generator in generators.items():
            started = time.process_time()
            (soft,) = generator([request])
            seconds[way] += time.process_time() - started
            found = object_ious(soft, image, truth)
            ious[way] += found.values()
        sides += [(image.boxes[box, 2:] - image.boxes[box, :2]).max() for box in found]  # every way has the same boxes
    groups = np.searchsorted(SIDES, sides) - 1
    print("| way | all |", *(f"side above {side} |" for side in SIDES), "CPU seconds |")
    print("| --- | --- |", *("--- |" for _ in SIDES), "--- |")
    for way, values in ious.items():
        means = [np.mean(values), *(np.mean(np.array(values)[groups == group]) for group in range(len(SIDES)))]
        print(f"| {way} |", *(f"{100 * one:.1f} |" for one in means), f"{seconds[way]:.1f} |", flush=True)
    print("objects:", len(sides), np.bincount(groups, minlength=len(SIDES)).tolist())


if __name__ == "__main__":
    main()
