"""The E step: g^(k+1) learns to turn photograph, box map and score into the object's mask, on the auxiliary dataset."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn
from torch.optim import Optimizer

from lpg.files.boxes import BoxTable
from lpg.files.checkpoint import fill, load_checkpoint
from lpg.files.predictions import ScoreMaps
from lpg.generators.learned.batches import GeneratorBatches
from lpg.generators.learned.losses import GeneratorTask
from lpg.generators.learned.recipe import GeneratorRecipe, generator_recipe
from lpg.jobs.job import Job
from lpg.networks.build import build_generator
from lpg.networks.eager import uncompiled
from lpg.networks.protocols import GeneratorNetwork
from lpg.networks.registry import GENERATORS
from lpg.networks.weights import start_trunk
from lpg.training.launch import launch
from lpg.training.loop import Subject, train_checkpoint
from lpg.training.sampling import Rows
from lpg.training.schedule import ADAM_BETAS, check_groups


def train_generator(
    settings: dict,
    *,
    boxes: Sequence[str | Path],
    masks: Sequence[str | Path],
    predictions: Sequence[str | Path],
    start: str | Path | None,
    job: Job,
) -> None:
    """Train g^(k+1) on (x, y^b, p^k) -> y^p and write its checkpoint.

    Arguments:
        settings: the recipe's fields that the configuration sets.
        boxes, masks: of every auxiliary dataset.
        predictions: p^k of the auxiliary segmenter; without any, every score is blank.
        start: g^k; None starts from `initialisation`.
    """
    recipe = generator_recipe(settings)
    launch(_train, recipe, boxes, masks, predictions, start, batch=recipe.batch, job=job)


@uncompiled()
def _train(
    recipe: GeneratorRecipe,
    boxes: Sequence[str | Path],
    masks: Sequence[str | Path],
    predictions: Sequence[str | Path],
    start: str | Path | None,
    job: Job,
) -> None:
    table = BoxTable(boxes)
    scores = ScoreMaps(predictions, table.classes, recipe.named_score) if predictions else None
    network = starting_network(recipe, start, job.seed)
    rows = Rows.of_rank(job.machine.rank, job.machine.ranks, recipe.batch)
    batches = GeneratorBatches(table, masks, scores, recipe, network.normalisation, job.seed, rows)
    subject = Subject("generator", recipe.plain(), table.classes)
    train_checkpoint(subject, GeneratorTask.of(network, recipe), generator_optimizer(network, recipe), batches, job)


def starting_network(recipe: GeneratorRecipe, start: str | Path | None, seed: int) -> GeneratorNetwork:
    """The network as its training begins: g^k where there is one, else as `initialisation` says."""
    torch.manual_seed(seed)
    network = build_generator(recipe.architecture, recipe.trunk, recipe.output_stride)
    if start is None:
        line = GENERATORS[recipe.architecture]
        start_trunk(network, line, recipe.architecture, recipe.initialisation, recipe.trunk)
        return network
    fill(network, load_checkpoint(start, kind="generator", architecture=recipe.architecture), start)
    return network


def generator_optimizer(network: nn.Module, recipe: GeneratorRecipe) -> Optimizer:
    """Adam (Table I), or AdamW, one rate for the whole network; a trunk of timm may have another."""
    kind = torch.optim.AdamW if recipe.optimizer == "adamw" else torch.optim.Adam
    groups = [{"params": list(network.parameters())}]
    if recipe.trunk:
        trunk = [parameter for layer in network.trunk_layers() for parameter in layer.parameters()]
        in_trunk = set(map(id, trunk))
        rest = [parameter for parameter in network.parameters() if id(parameter) not in in_trunk]
        groups = [{"params": rest}, {"params": trunk, "lr": recipe.learning_rate * recipe.trunk_factor}]
    optimizer = kind(groups, lr=recipe.learning_rate, betas=ADAM_BETAS, weight_decay=recipe.weight_decay)
    return check_groups(network, optimizer)
