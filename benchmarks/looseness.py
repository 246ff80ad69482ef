"""`python -m benchmarks.looseness DATASET GENERATOR`: mean IoU of single masks, by how loose the boxes are.

DATASET is a folder of results/datasets, with `boxes.h5` and `masks.h5`; GENERATOR one that ships, or a `generator.pt`.
Every edge of a box is moved outwards by a random part of its side, the same for every generator. Without a segmenter,
not mirrored.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from lpg.files.boxes import BoxTable
from lpg.files.ground_truth import InstanceMasks
from lpg.generators.interface import Request, SoftMasks
from lpg.generators.learned.apply import LearnedGenerator
from lpg.generators.opening import open_learned
from lpg.generators.shipped import generator_path
from lpg.jobs.machine import choose_machine
from lpg.photograph import Photograph
from lpg.pixels.shapes import mask_iou

PARTS = (0, 0.05, 0.1, 0.2)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.looseness", description=__doc__.splitlines()[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("generator")
    parser.add_argument("--every", type=int, default=1, help="of so many photographs, the first is asked")
    given = parser.parse_args()
    choose_machine(gpu=0, threads=1)
    generator = open_learned(generator_path(given.generator), "cpu", {"flip": False})
    table, truth = BoxTable([given.dataset / "boxes.h5"]), InstanceMasks([given.dataset / "masks.h5"])
    for part in PARTS:
        ious = [
            iou
            for number, image in enumerate(list(table.images)[:: given.every])
            for iou in _ious(generator, truth, _loose(image, part, np.random.default_rng(number)))
        ]
        print(f"up to {100 * part:.0f} %: mean IoU {100 * np.mean(ious):.1f} of {len(ious)} objects", flush=True)


def _loose(image: Photograph, part: float, rng: np.random.Generator) -> Photograph:
    sides = np.tile(image.boxes[:, 2:] - image.boxes[:, :2], 2)
    boxes = image.boxes + np.array([-1, -1, 1, 1]) * rng.uniform(0, part, image.boxes.shape) * sides
    return replace(image, boxes=boxes.clip(0, [image.width, image.height] * 2).astype(np.float32))


def _ious(generator: LearnedGenerator, truth: InstanceMasks, shown: Photograph) -> list[float]:
    (soft,) = generator([Request(shown, shown.read(), {})])
    return list(object_ious(soft, shown, truth).values())


def object_ious(soft: SoftMasks, image: Photograph, truth: InstanceMasks) -> dict[int, float]:
    """By the box, the IoU of its mask with the object's; of objects that have a true mask."""
    found = {}
    for box, (mask, inside) in enumerate(zip(soft.boxes, image.inside, strict=True)):
        wanted = truth(image.name, box, image.height, image.width) > 0
        if wanted.any():
            made = np.zeros_like(wanted)
            made[inside] = mask > 127
            found[box] = mask_iou(made, wanted)
    return found


if __name__ == "__main__":
    main()
