"""P2, P3, P4, P12: a step of every training of the paper, and the batches that a step waits for."""

from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from benchmarks import plain
from benchmarks.measure import Finding, seconds
from benchmarks.photographs import write_boxed
from lpg.files.boxes import BoxTable
from lpg.files.label_maps import LabelMaps
from lpg.generators.learned.losses import GeneratorTask
from lpg.generators.learned.recipe import generator_recipe
from lpg.generators.learned.train import generator_optimizer
from lpg.jobs.machine import choose_machine
from lpg.networks.build import build_generator, build_segmenter
from lpg.segmenter.batches import SegmenterBatches
from lpg.segmenter.losses import SegmenterTask
from lpg.segmenter.optimizer import segmenter_optimizer
from lpg.segmenter.recipe import segmenter_recipe
from lpg.training.step import Step
from lpg.training.task import Task, placed

CLASSES, VOID = 21, 255
SMALL = {"architecture": "fpn", "crop": 160, "long_side": 256, "batch": 12}  # config/benchmark.yaml's


def findings(folder: Path) -> Iterator[Finding]:
    """Of one sample a step; the plain side in contiguous float32, as it comes."""
    torch.manual_seed(0)
    boxes = write_boxed(folder).path
    yield _of_generator()
    yield _of_segmenter("P3 step of LargeFOV, crop 321", "largefov", boxes, 1.0)
    yield _of_segmenter("P4 step of ResNet101, crop 321", "resnet101", boxes, 3.0, _without_pooling)
    yield _of_batches(boxes)


def _of_generator() -> Finding:
    """The released loop runs the frozen segmenter inside; here its scores come from a file."""
    recipe = generator_recipe({"architecture": "hourglass", "batch": 2})
    side = recipe.crop
    channels = torch.randint(0, 256, (2, 5, side, side), dtype=torch.uint8)
    targets = torch.randint(0, 2, (2, side // 4, side // 4), dtype=torch.uint8)
    frozen, g = build_segmenter("largefov", CLASSES).eval(), build_generator("hourglass").train()
    optimizer = torch.optim.Adam(g.parameters(), lr=1e-4, weight_decay=5e-4)

    def plainly() -> None:
        image = channels[:, :3] / 255.0
        with torch.no_grad():
            scores = functional.interpolate(frozen(image), size=(side, side), mode="bilinear").softmax(dim=1)
        logits = g(torch.cat([image, channels[:, 3:4] / 255.0, scores[:, 1:2]], dim=1))
        plain.update(optimizer, functional.cross_entropy(logits, targets.long()))

    network = build_generator("hourglass")
    step = _step(GeneratorTask.of(network, recipe), generator_optimizer(network, recipe))
    slow, fast = seconds(plainly, lambda: step((channels, targets), seed=0), rounds=2)
    return Finding("P2 step of the Hourglass, crop 512", fast / 2, slow / 2, 1.5, remark="a sample, of two")


def _of_segmenter(
    work: str,
    architecture: str,
    boxes: Path,
    wanted: float,
    released: Callable[[nn.Module], None] = lambda network: None,
) -> Finding:
    recipe = segmenter_recipe({"architecture": architecture, "batch": 1})
    network, theirs = build_segmenter(architecture, CLASSES), build_segmenter(architecture, CLASSES).train()
    released(theirs)
    task = SegmenterTask(network)
    batch = _batches(task, recipe, boxes)[0]
    step = _step(task, segmenter_optimizer(network, recipe))
    image, labels = (part[..., : recipe.crop, : recipe.crop] for part in batch)
    optimizer = torch.optim.SGD(theirs.parameters(), lr=1e-4, momentum=0.9, weight_decay=5e-4)

    def plainly() -> None:
        loss = torch.zeros(())
        for scale in theirs.scales:
            seen = image / 255.0 if scale == 1 else functional.interpolate(image / 255.0, scale_factor=scale)
            logits = theirs(seen)
            small = functional.interpolate(labels[:, None].float(), size=logits.shape[-2:]).long()[:, 0]
            loss = loss + functional.cross_entropy(logits, small, ignore_index=VOID)
        plain.update(optimizer, loss)

    slow, fast = seconds(plainly, lambda: step(batch, seed=0), rounds=2)
    return Finding(work, fast, slow, wanted)


def _of_batches(boxes: Path) -> Finding:
    """What the network of the benchmark waits for: decoded, cut, scaled and jittered photographs."""
    recipe = segmenter_recipe(SMALL)
    network = build_segmenter("fpn", CLASSES, recipe.trunk)
    task = SegmenterTask(network)
    batches = _batches(task, recipe, boxes)
    step = _step(task, segmenter_optimizer(network, recipe))
    batch = batches[0]
    reading, stepping = seconds(lambda: batches[1], lambda: step(batch, seed=0))
    share = 100 * reading / (reading + stepping)
    remark = f"crops of {recipe.crop}, {recipe.batch} at a time, photographs of 500 pixels in memory"
    return Finding("P12 part of a step that is input", share, most=15, remark=remark, unit="%")


def _batches(task: Task, recipe, boxes: Path) -> SegmenterBatches:
    table = BoxTable([boxes])
    return SegmenterBatches(table, LabelMaps([boxes], table.classes), recipe, task, seed=0)


def _step(task: Task, optimizer: torch.optim.Optimizer) -> Step:
    machine = choose_machine(gpu=0, threads=1)
    return Step(placed(task, machine.device), optimizer, machine)


def _without_pooling(network: nn.Module) -> None:
    """The released ResNet101 has no max-pooling in its stem."""
    network.trunk.maxpool = nn.Identity()
