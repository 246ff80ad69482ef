"""Which samples make a batch: a function of (seed, iteration) alone, so that a resumed run sees the same batches."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

Item = TypeVar("Item")


def sample_batch(
    items: Sequence[Item],
    sample: Callable[[Item, np.random.Generator], tuple[Tensor, ...]],
    *,
    chosen: Sequence[int],
    seed: int,
    iteration: int,
) -> tuple[Tensor, ...]:
    """`sample(item, rng)` of the chosen items, stacked part by part, (batch, ...) each."""
    samples = [sample(items[index], sample_rng(seed, iteration, position)) for position, index in enumerate(chosen)]
    return tuple(torch.stack(part) for part in zip(*samples, strict=True))


def batch_indices(seed: int, iteration: int, batch: int, count: int, weights: np.ndarray | None = None) -> list[int]:
    """The samples of one batch; every epoch is a new permutation of all `count` samples.

    Arguments:
        weights: the probability of each sample, float64 (count,); drawn anew for every batch then, without epochs.
    """
    if weights is not None:
        return np.random.default_rng([seed, iteration, 2]).choice(count, batch, p=weights).tolist()
    positions = range(iteration * batch, (iteration + 1) * batch)
    return [int(_permutation(seed, position // count, count)[position % count]) for position in positions]


def class_weights(class_ids: Sequence[int], balance: float) -> np.ndarray | None:
    """The probability of each sample, float64 (N,), by which a class of n has n ** (1 - balance) shares; None for 0."""
    if not balance:
        return None
    _, inverse, counts = np.unique(class_ids, return_inverse=True, return_counts=True)
    weights = counts[inverse] ** -float(balance)
    return weights / weights.sum()


@lru_cache(maxsize=2)
def _permutation(seed: int, epoch: int, count: int) -> np.ndarray:
    return np.random.default_rng([seed, epoch]).permutation(count)


def sample_rng(seed: int, iteration: int, position: int) -> np.random.Generator:
    """The random numbers of one sample of one batch."""
    return np.random.default_rng([seed, iteration, position, 1])
