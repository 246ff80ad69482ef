"""The optimizer of the M step: over the groups of Table I."""

import torch
from torch import nn
from torch.optim import Optimizer

from lpg.segmenter.recipe import SegmenterRecipe
from lpg.training.schedule import ADAM_BETAS, check_groups


def segmenter_groups(network: nn.Module, recipe: SegmenterRecipe) -> list[dict]:
    """The four groups of Table I, named by their factor on the base rate: body and last layer, weights and biases.

    A trunk of timm has two more. Frozen parameters are left out; the biases (and the scales of normalisations) have no
    weight decay.
    """
    parts = {"last": network.last_layers(), "trunk": network.trunk_layers() if recipe.trunk else []}
    factors = {"body": 1.0, "last": recipe.last_factor, "trunk": recipe.trunk_factor}
    part_of = {
        id(parameter): part for part, layers in parts.items() for layer in layers for parameter in layer.parameters()
    }
    groups: dict[tuple[str, bool], list[nn.Parameter]] = {}
    for parameter in network.parameters():
        if parameter.requires_grad:
            groups.setdefault((part_of.get(id(parameter), "body"), parameter.ndim == 1), []).append(parameter)
    made = []
    for (part, is_bias), parameters in groups.items():
        factor = factors[part] * (recipe.bias_factor if is_bias else 1.0)
        made.append(
            {
                "name": f"{factor:g}x {part} {'bias' if is_bias else 'weight'}",
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
