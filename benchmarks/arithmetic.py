"""`python -m benchmarks.arithmetic BOXES MASKS [--generator general]`: bfloat16 against float32, by ground truth.

BOXES and MASKS are a dataset's `boxes.h5` and `masks.h5`, as any run makes them.
"""

import argparse
import time
from collections import defaultdict

import numpy as np
import torch

from benchmarks.photographs import labels_of
from lpg.evaluation.confusion import confusion_matrix, mean_iou
from lpg.files.boxes import BoxTable
from lpg.files.label_maps import LabelMaps
from lpg.generators.opening import open_learned
from lpg.generators.shipped import generator_path
from lpg.networks import inference


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.arithmetic", description=__doc__)
    parser.add_argument("boxes")
    parser.add_argument("masks")
    parser.add_argument("--generator", default="general")
    given = parser.parse_args()
    torch.set_num_threads(1)
    table = BoxTable([given.boxes])
    truth, classes = LabelMaps([given.masks], table.classes), len(table.classes)
    generator = open_learned(generator_path(given.generator), "cpu")
    matrices: dict[bool, np.ndarray] = defaultdict(lambda: np.zeros((classes, classes), dtype=np.int64))
    took, same, pixels = defaultdict(float), 0, 0
    for image, photograph in table.photographs(lambda images, what: images):
        made = {}
        for half in (False, True):
            inference.has_bfloat16 = lambda device, half=half: half
            started = time.thread_time()
            made[half] = labels_of(generator, image, photograph)
            took[half] += time.thread_time() - started
            matrices[half] += confusion_matrix(truth[image.name], made[half], classes)
        same, pixels = same + (made[False] == made[True]).sum(), pixels + made[False].size
    for half, name in ((False, "float32"), (True, "bfloat16")):
        print(f"{name}: mIoU {100 * mean_iou(matrices[half]):.2f}, {took[half]:.0f} s of one thread")
    print(f"the same label in {100 * same / pixels:.2f} % of the pixels")


if __name__ == "__main__":
    main()
