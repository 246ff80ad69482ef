"""P1, P1', P11: masks of photographs that have boxes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from benchmarks import plain
from benchmarks.measure import Finding, seconds
from benchmarks.photographs import write_boxed
from lpg.commands.masks import QUICK
from lpg.files.label_maps import LabelMaps
from lpg.generators.baselines.grabcut import GrabCut
from lpg.generators.interface import Request
from lpg.generators.learned.apply import LearnedGenerator
from lpg.generators.learned.recipe import generator_recipe
from lpg.generators.opening import open_learned
from lpg.generators.shipped import generator_path
from lpg.jobs.job import Job
from lpg.networks.build import build_generator, build_segmenter
from lpg.pseudo_masks.generate import generate_pseudo_masks
from lpg.segmenter.apply import Segmenter, predict_scores
from lpg.segmenter.recipe import segmenter_recipe


def findings(folder: Path) -> Iterator[Finding]:
    """Of the paper's networks and of the shipped generator, against the plain loops and against GrabCut."""
    torch.manual_seed(0)
    boxed = write_boxed(folder)
    images, classes = boxed.table.images, boxed.table.classes
    photographs = [image.read() for image in images]
    f, g = build_segmenter("largefov", len(classes)).eval(), build_generator("hourglass").eval()
    _balance(g, photographs[0])
    segmenter = Segmenter(f, segmenter_recipe({"architecture": "largefov"}), classes)
    generator = LearnedGenerator(g, generator_recipe({"architecture": "hourglass"}))
    made: list[np.ndarray] = []

    def plainly() -> None:
        made.clear()
        for image, photograph in zip(images, photographs, strict=True):
            plain.write_logits(f, photograph, folder / "logits.npy")
            made.append(plain.pseudo_mask(g, photograph, image.box_maps(), image.classes, folder / "logits.npy"))

    def ours() -> None:
        predict_scores(segmenter, boxes=[boxed.path], job=Job(folder / "predictions.h5"))
        job = Job(folder / "pseudo_masks.h5")
        generate_pseudo_masks(generator, boxes=[boxed.path], predictions=[folder / "predictions.h5"], job=job)

    shipped, grabcut = open_learned(generator_path("general"), "cpu"), GrabCut()
    quick = open_learned(generator_path("general"), "cpu", QUICK)
    requests = [Request(image, photograph, {}) for image, photograph in zip(images, photographs, strict=True)]
    slow, fast, by_shipped, by_quick, by_grabcut = seconds(
        plainly,
        ours,
        lambda: shipped(requests),
        lambda: quick(requests),
        lambda: [grabcut.masks_of(request) for request in requests],
        rounds=2,
    )
    labels = LabelMaps([folder / "pseudo_masks.h5"], classes)
    same = np.mean([np.mean(one == labels[image.name]) for one, image in zip(made, images, strict=True)])
    count, boxes = len(images), sum(len(image.boxes) for image in images)
    yield Finding(
        "P1 pseudo masks of a photograph, LargeFOV and Hourglass", fast / count, slow / count, 1.8,
        remark=f"{100 * same:.2f} % of the pixels the same",
    )  # fmt: skip
    remark = f"{boxes / count:.2g} boxes a photograph, not mirrored, at 192 pixels"
    yield Finding("P1' the same by `general`", by_quick / count, slow / count, 40, remark=remark)
    yield Finding("P11 a box by `general`, against GrabCut", by_shipped / boxes, by_grabcut / boxes, 8)


@torch.no_grad()
def _balance(generator: nn.Module, photograph: np.ndarray) -> None:
    """Nobody has trained it: let about half of the pixels be object, so that masks can differ."""
    seen = functional.pad(plain.canvas(photograph, generator.normalisation), (0, 0, 0, 0, 0, 2))
    background, foreground = generator(seen).unbind(1)
    generator.head[-1].bias[1] -= (foreground - background).median()
