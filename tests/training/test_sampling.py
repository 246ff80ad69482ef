"""Which samples make a batch."""

import numpy as np
import pytest
import torch

from lpg.training.sampling import batch_indices, sample_batch, sample_rng


@pytest.mark.parametrize("batch, count", [(3, 7), (5, 5), (8, 3)])
def test_every_epoch_shows_every_sample_once(batch, count):
    drawn = [index for iteration in range(2 * count) for index in batch_indices(4, iteration, batch, count)]
    epochs = [drawn[start : start + count] for start in range(0, len(drawn), count)]
    assert all(sorted(epoch) == list(range(count)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 1


def test_batch_depends_on_seed_and_iteration_alone():
    forwards = [batch_indices(1, iteration, 4, 100) for iteration in range(30)]
    backwards = [batch_indices(1, iteration, 4, 100) for iteration in reversed(range(30))]
    assert forwards == backwards[::-1]
    assert forwards[7] != batch_indices(2, 7, 4, 100)


def test_every_sample_has_random_numbers_of_its_own():
    draws = {sample_rng(*key).random() for key in [(0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0)]}
    assert len(draws) == 4
    assert sample_rng(3, 2, 1).random() == sample_rng(3, 2, 1).random()


def test_a_batch_is_stacked_part_by_part_and_every_sample_has_random_numbers_of_its_own():
    def sample(item: int, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.tensor([item, item]), torch.tensor(rng.random())

    def batch(iteration: int) -> tuple[torch.Tensor, ...]:
        return sample_batch(range(10, 15), sample, batch=3, seed=4, iteration=iteration)

    items, numbers = batch(2)
    assert items.tolist() == [[10 + index] * 2 for index in batch_indices(4, 2, 3, 5)]
    assert len(set(numbers.tolist())) == 3
    assert torch.equal(batch(2)[1], numbers)
    assert not torch.equal(batch(3)[1], numbers)
