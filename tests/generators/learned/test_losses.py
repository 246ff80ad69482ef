"""The generator's loss against torch's cross-entropy and a plain loop."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from lpg.generators.learned.losses import GeneratorTask, soft_ious
from lpg.generators.learned.recipe import generator_recipe
from lpg.pixels.colours import Normalisation


class Constant(nn.Module):
    """The same two logits everywhere."""

    normalisation = Normalisation((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.tensor([0.0, 1.0]).view(1, 2, 1, 1).expand(1, 2, 2, 2)


def test_the_loss_counts_inside_and_outside_as_weighted():
    inputs = torch.zeros(1, 5, 8, 8)
    inputs[:, 3, :, :4] = 1  # the left half is the box
    targets = torch.tensor([[[1, 0], [255, 0]]])  # one object pixel inside, one void inside, two outside
    right, wrong = functional.cross_entropy(torch.tensor([[0.0, 1.0]] * 2), torch.tensor([1, 0]), reduction="none")
    expected = (1 * right + 0.25 * 2 * wrong) / (1 + 0.25 * 2)
    assert GeneratorTask(Constant(), 0.25)(inputs, targets) == pytest.approx(expected.item())
    score = torch.tensor([0.0, 1.0]).softmax(0)[1]  # everywhere; inside the box one object pixel and one void
    expected = expected + 2 * (1 - (score + 1) / (1 + 1))
    assert GeneratorTask(Constant(), 0.25, 2.0)(inputs, targets) == pytest.approx(expected.item())
    recipe = generator_recipe({"architecture": "hourglass", "outside_weight": 0.25, "iou_weight": 2.0})
    assert GeneratorTask.of(Constant(), recipe)(inputs, targets) == pytest.approx(expected.item())


def test_a_batch_is_normalised_as_the_network_wants_it():
    channels = torch.tensor([255, 0, 255, 255, 51], dtype=torch.uint8).view(1, 5, 1, 1)
    inputs, targets = GeneratorTask(Constant(), 1.0).prepare(channels, torch.ones(1, 1, 1, dtype=torch.uint8))
    assert inputs.flatten().tolist() == pytest.approx([2, -2, 2, 1, 0.2])
    assert targets.dtype == torch.int64


def test_soft_iou_is_a_plain_loop():
    rng = np.random.default_rng(0)
    scores, objects, where = rng.random((3, 4, 5)), rng.random((3, 4, 5)) < 0.5, rng.random((3, 4, 5)) < 0.8
    found = []
    for score, truth, counts in zip(scores, objects, where, strict=True):
        both = sum(s for s, t, c in zip(score.flat, truth.flat, counts.flat, strict=True) if t and c)
        either = sum(1 if t else s for s, t, c in zip(score.flat, truth.flat, counts.flat, strict=True) if c)
        found.append((both + 1) / (either + 1))
    ious = soft_ious(torch.from_numpy(scores), torch.from_numpy(objects), torch.from_numpy(where))
    assert ious.tolist() == pytest.approx(found)
