"""Which samples make a batch."""

import numpy as np
import pytest
import torch

from lpg.training.sampling import Rows, batch_indices, class_weights, sample_batch, sample_rng


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


# Of classes 7, 2 and 9 there are three samples, one and two.
CLASS_IDS = [7, 2, 7, 9, 7, 9]


def test_without_balance_every_sample_is_seen_alike():
    assert class_weights(CLASS_IDS, 0) is None


@pytest.mark.parametrize(
    ("balance", "shares"),
    [
        (1.0, [1, 1, 1]),
        (0.5, [3**0.5, 1, 2**0.5]),
        (1e-9, [3, 1, 2]),
    ],
)
def test_a_class_has_its_share_and_all_its_samples_have_the_same(balance, shares):
    weights = class_weights(CLASS_IDS, balance)
    seven, two, nine = np.array(shares) / sum(shares)
    assert weights == pytest.approx([seven / 3, two, seven / 3, nine / 2, seven / 3, nine / 2])
    assert weights.sum() == pytest.approx(1)


def test_a_weighted_batch_depends_on_seed_and_iteration_alone():
    weights = class_weights([1, 1, 2] * 30, 0.5)
    forwards = [batch_indices(1, iteration, 4, 90, weights) for iteration in range(30)]
    backwards = [batch_indices(1, iteration, 4, 90, weights) for iteration in reversed(range(30))]
    assert forwards == backwards[::-1]
    assert len({tuple(batch) for batch in forwards}) == 30
    assert forwards[7] != batch_indices(2, 7, 4, 90, weights)


def test_weighted_draws_follow_their_weights():
    weights = np.array([0.5, 0.3, 0.0, 0.2])
    drawn = [index for iteration in range(500) for index in batch_indices(3, iteration, 10, 4, weights)]
    counts = np.bincount(drawn, minlength=4)
    assert counts[2] == 0
    assert counts / 5000 == pytest.approx(weights, abs=0.03)


def test_every_sample_has_random_numbers_of_its_own():
    draws = {sample_rng(*key).random() for key in [(0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0)]}
    assert len(draws) == 4
    assert sample_rng(3, 2, 1).random() == sample_rng(3, 2, 1).random()


def test_a_batch_is_stacked_part_by_part_and_every_sample_has_random_numbers_of_its_own():
    def sample(item: int, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.tensor([item, item]), torch.tensor(rng.random())

    def batch(iteration: int) -> tuple[torch.Tensor, ...]:
        chosen = batch_indices(4, iteration, 3, 5)
        return sample_batch(range(10, 15), sample, chosen=chosen, seed=4, iteration=iteration)

    items, numbers = batch(2)
    assert items.tolist() == [[10 + index] * 2 for index in batch_indices(4, 2, 3, 5)]
    assert len(set(numbers.tolist())) == 3
    assert torch.equal(batch(2)[1], numbers)
    assert not torch.equal(batch(3)[1], numbers)
    of_ranks = [
        sample_batch(
            range(10, 15), sample, chosen=batch_indices(4, 2, 3, 5), seed=4, iteration=2, rows=Rows.of_rank(rank, 2, 3)
        )
        for rank in range(2)
    ]
    assert [len(part[0]) for part in of_ranks] == [1, 2]
    for whole, parts in zip(batch(2), zip(*of_ranks, strict=True), strict=True):
        assert torch.equal(whole, torch.cat(parts))


@pytest.mark.parametrize("batch, parts", [(6, 1), (7, 2), (7, 3), (5, 5)])
def test_rows_are_cut_into_consecutive_parts_of_about_one_size(batch, parts):
    rows = [Rows.of_rank(rank, parts, batch) for rank in range(parts)]
    assert [position for part in rows for position in range(part.start, part.stop)] == list(range(batch))
    assert max(map(len, rows)) - min(map(len, rows)) <= 1
    assert all(part.of == batch for part in rows)
    assert [part for half in Rows(3, 9, 12).cut(2) for part in (half.start, half.stop, half.of)] == [3, 6, 12, 6, 9, 12]
