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
    batch: int,
    seed: int,
    iteration: int,
) -> tuple[Tensor, ...]:
    """`sample(item, rng)` of every item of one batch, stacked part by part, (batch, ...) each."""
    indices = batch_indices(seed, iteration, batch, len(items))
    samples = [sample(items[index], sample_rng(seed, iteration, position)) for position, index in enumerate(indices)]
    return tuple(torch.stack(part) for part in zip(*samples, strict=True))


def batch_indices(seed: int, iteration: int, batch: int, count: int) -> list[int]:
    """The samples of one batch; every epoch is a new permutation of all `count` samples."""
    positions = range(iteration * batch, (iteration + 1) * batch)
    return [int(_permutation(seed, position // count, count)[position % count]) for position in positions]


@lru_cache(maxsize=2)
def _permutation(seed: int, epoch: int, count: int) -> np.ndarray:
    return np.random.default_rng([seed, epoch]).permutation(count)


def sample_rng(seed: int, iteration: int, position: int) -> np.random.Generator:
    """The random numbers of one sample of one batch."""
    return np.random.default_rng([seed, iteration, position, 1])
