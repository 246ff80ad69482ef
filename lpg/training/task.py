"""A network and its loss as one module. The loss is written as sums and counts, so that a batch can be cut."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn


class Term(NamedTuple):
    """One term of a loss over the samples at hand: `weight` times a sum over a count, or times one minus it.

    A mean over a part of a batch is not its share of the mean over the batch: the parts may have different numbers of
    labelled pixels. Sums and counts of parts add up.

    Attributes:
        sum, count: scalars; a count below 1 is taken for 1.
        complement: the ratio is to become 1, and the loss is what it lacks.
    """

    sum: Tensor
    count: Tensor
    weight: float = 1.0
    complement: bool = False

    def loss(self, count: Tensor | None = None) -> Tensor:
        """A scalar. With the count of the whole batch it is this part's share of the batch's loss: the shares sum to
        that, of `complement` up to a constant."""
        ratio = self.sum / (self.count if count is None else count).clamp(min=1)
        return self.weight * (1 - ratio if self.complement else ratio)


def total_loss(terms: Sequence[Term], counts: Sequence[Tensor] | None = None) -> Tensor:
    """The loss of some samples, a scalar; with the counts of a batch, their share of the batch's."""
    return sum(term.loss(count) for term, count in zip(terms, counts or [None] * len(terms), strict=True))


class Task(nn.Module):
    """What is trained: `task(*batch)` is the loss of a batch, a scalar. Give it `prepare` and `terms`.

    Arguments:
        network: its `normalisation` is what `prepare` brings images to.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def prepare(self, *batch: Tensor) -> tuple[Tensor, ...]:
        """A batch as `terms` wants it, from the uint8 tensors of a sample, on the device of the batch."""
        raise NotImplementedError

    def terms(self, *batch: Tensor) -> list[Term]:
        """The terms of the loss over the samples of a batch or of a part of one; always as many."""
        raise NotImplementedError

    def forward(self, *batch: Tensor) -> Tensor:
        return total_loss(self.terms(*batch))


def placed(task: Task, device: str) -> Task:
    """The task, ready to be trained on a device, in the memory format that its network trains fastest in there."""
    return task.to(device, memory_format=fastest_format(task.network, device)).train()


def fastest_format(network: nn.Module, device: str) -> torch.memory_format:
    """Channels last, but for networks without depthwise convolutions on CPUs without AVX-512 (docs/performance.md)."""
    narrow = device == "cpu" and torch.backends.cpu.get_cpu_capability() == "AVX2"
    dense = all(layer.groups == 1 for layer in network.modules() if isinstance(layer, nn.Conv2d))
    return torch.contiguous_format if narrow and dense else torch.channels_last
