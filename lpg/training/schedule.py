"""Optimizers: every trainable parameter in exactly one group, and the poly schedule (section IV-A)."""

from torch import nn
from torch.optim import Optimizer

ADAM_BETAS = (0.9, 0.999)  # section IV-A
POLY_POWER = 0.9


def check_groups(network: nn.Module, optimizer: Optimizer) -> Optimizer:
    """Check that every trainable parameter is in exactly one group; the poly schedule starts from its group's rate."""
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
