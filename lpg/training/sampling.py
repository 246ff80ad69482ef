"""Which samples make a batch: a function of (seed, iteration) alone, so that a resumed run sees the same batches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Self, TypeVar

import numpy as np
import torch
from torch import Tensor

Item = TypeVar("Item")


@dataclass(frozen=True)
class Rows:
    """The samples `start` to `stop` of a batch of `of` samples."""

    start: int
    stop: int
    of: int

    @classmethod
    def of_rank(cls, rank: int, ranks: int, batch: int) -> Self:
        """The samples of one of several processes."""
        return cls(0, batch, batch).cut(ranks)[rank]

    def cut(self, parts: int) -> list[Self]:
        """These samples as consecutive parts, of which none has two more than another."""
        edges = [self.start + len(self) * part // parts for part in range(parts + 1)]
        return [type(self)(*pair, self.of) for pair in pairwise(edges)]

    def __len__(self) -> int:
        return self.stop - self.start


def sample_batch(
    items: Sequence[Item],
    sample: Callable[[Item, np.random.Generator], tuple[Tensor, ...]],
    *,
    chosen: Sequence[int],
    seed: int,
    iteration: int,
    rows: Rows | None = None,
) -> tuple[Tensor, ...]:
    """`sample(item, rng)` of the chosen items, stacked part by part, (batch, ...) each; with `rows`, only those."""
    positions = range(len(chosen)) if rows is None else range(rows.start, rows.stop)
    samples = [sample(items[chosen[position]], sample_rng(seed, iteration, position)) for position in positions]
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
