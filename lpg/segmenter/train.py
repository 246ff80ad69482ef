"""The M step: f^k learns labels^k."""

from collections.abc import Sequence
from pathlib import Path

import torch

from lpg.files.boxes import BoxTable
from lpg.files.checkpoint import fill, load_checkpoint
from lpg.files.label_maps import LabelMaps
from lpg.jobs.job import Job
from lpg.networks.eager import uncompiled
from lpg.networks.protocols import SegmenterNetwork
from lpg.networks.registry import SEGMENTERS
from lpg.networks.weights import start_trunk
from lpg.segmenter.batches import SegmenterBatches
from lpg.segmenter.network import build_network
from lpg.segmenter.optimizer import segmenter_optimizer
from lpg.segmenter.recipe import SegmenterRecipe, segmenter_recipe
from lpg.segmenter.registry import TASKS
from lpg.training.launch import launch
from lpg.training.loop import Subject, train_checkpoint
from lpg.training.sampling import Rows


def train_segmenter(
    settings: dict,
    *,
    boxes: Sequence[str | Path],
    labels: Sequence[str | Path],
    start: str | Path | None,
    job: Job,
) -> None:
    """Train f^k on labels^k and write its checkpoint.

    Arguments:
        settings: the recipe's fields that the configuration sets.
        boxes: `boxes.h5` of every dataset of the run.
        labels: files with label maps; where two hold the same image, the later one counts.
        start: f^(k-1); None starts from `initialisation`.
    """
    recipe = segmenter_recipe(settings)
    launch(_train, recipe, boxes, labels, start, batch=recipe.batch, job=job)


@uncompiled()
def _train(
    recipe: SegmenterRecipe,
    boxes: Sequence[str | Path],
    labels: Sequence[str | Path],
    start: str | Path | None,
    job: Job,
) -> None:
    table = BoxTable(boxes)
    label_maps = LabelMaps(labels, table.classes)
    network = starting_network(recipe, table.classes, start, job.seed)
    task = TASKS[recipe.task].open().of(network, recipe, table, label_maps)
    rows = Rows.of_rank(job.machine.rank, job.machine.ranks, recipe.batch)
    batches = SegmenterBatches(table, label_maps, recipe, task, job.seed, rows)
    optimizer = segmenter_optimizer(network, recipe)
    train_checkpoint(Subject("segmenter", recipe.plain(), table.classes), task, optimizer, batches, job)


def starting_network(
    recipe: SegmenterRecipe, classes: Sequence[str], start: str | Path | None, seed: int
) -> SegmenterNetwork:
    """The network as its training begins: f^(k-1) where there is one, else as `initialisation` says."""
    torch.manual_seed(seed)
    network = build_network(recipe, len(classes))
    if start is None:
        line = SEGMENTERS[recipe.architecture]
        start_trunk(network, line, recipe.architecture, recipe.initialisation, recipe.trunk)
        return network
    checkpoint = load_checkpoint(start, kind="segmenter", architecture=recipe.architecture, classes=classes)
    fill(network, checkpoint, start)
    return network
