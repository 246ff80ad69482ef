"""Optimizers with the paper's rates: Table I and the poly schedule."""

import torch
from torch import nn
from torch.optim import Optimizer

from lpg.recipes import ADAM_BETAS, POLY_POWER, GeneratorRecipe, SegmenterRecipe


def segmenter_groups(network: nn.Module, recipe: SegmenterRecipe) -> list[dict]:
    """The four groups of Table I, named by their factor on the base rate: body and last layer, weights and biases.

    Frozen parameters are left out; the biases (and the scales of normalisations) have no weight decay.
    """
    last = {id(parameter) for layer in network.last_layers() for parameter in layer.parameters()}
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for parameter in network.parameters():
        if parameter.requires_grad:
            groups.setdefault((id(parameter) in last, parameter.ndim == 1), []).append(parameter)
    made = []
    for (is_last, is_bias), parameters in groups.items():
        factor = (recipe.last_factor if is_last else 1.0) * (recipe.bias_factor if is_bias else 1.0)
        made.append(
            {
                "name": f"{factor:g}x {'last' if is_last else 'body'} {'bias' if is_bias else 'weight'}",
                "params": parameters,
                "lr": recipe.learning_rate * factor,
                "weight_decay": 0.0 if is_bias else recipe.weight_decay,
            }
        )
    return made


def segmenter_optimizer(network: nn.Module, recipe: SegmenterRecipe) -> Optimizer:
    """SGD with momentum (Table I), or AdamW, over `segmenter_groups`."""
    groups = segmenter_groups(network, recipe)
    if recipe.optimizer == "adamw":
        optimizer = torch.optim.AdamW(groups, betas=ADAM_BETAS)
    else:
        optimizer = torch.optim.SGD(groups, lr=recipe.learning_rate, momentum=recipe.momentum)
    return check_groups(network, optimizer)


def generator_optimizer(network: nn.Module, recipe: GeneratorRecipe) -> Optimizer:
    """Adam (Table I), or AdamW, one rate for the whole network."""
    kind = torch.optim.AdamW if recipe.optimizer == "adamw" else torch.optim.Adam
    optimizer = kind(network.parameters(), lr=recipe.learning_rate, betas=ADAM_BETAS, weight_decay=recipe.weight_decay)
    return check_groups(network, optimizer)


def check_groups(network: nn.Module, optimizer: Optimizer) -> Optimizer:
    """Every trainable parameter is in exactly one group; the poly schedule starts from the group's own rate."""
    trained = [id(parameter) for group in optimizer.param_groups for parameter in group["params"]]
    trainable = [id(parameter) for parameter in network.parameters() if parameter.requires_grad]
    if sorted(trained) != sorted(trainable):
        raise AssertionError("an optimizer must hold every trainable parameter exactly once")
    for group in optimizer.param_groups:
        group["initial_lr"] = group["lr"]
    return optimizer


def poly_rate(iteration: int, iterations: int) -> float:
    """The factor on every rate: (1 - iteration / iterations) ** 0.9 (section IV-A)."""
    return (1 - iteration / iterations) ** POLY_POWER


def set_poly_rate(optimizer: Optimizer, iteration: int, iterations: int) -> None:
    for group in optimizer.param_groups:
        group["lr"] = group["initial_lr"] * poly_rate(iteration, iterations)
