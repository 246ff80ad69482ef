"""The optimizer of the M step: SGD over the four groups of Table I."""

import torch
from torch import nn
from torch.optim import Optimizer

from lpg.segmenter.recipe import SegmenterRecipe
from lpg.training.schedule import ADAM_BETAS, check_groups


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
