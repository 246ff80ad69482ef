"""Which samples make a batch: a function of (seed, iteration) alone, so that a resumed run sees the same batches."""

from functools import lru_cache

import numpy as np


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
