"""The segmenter's loss against torch's cross-entropy."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from lpg.pixels.colours import Normalisation
from lpg.segmenter.losses import SegmenterTask


class Fixed(nn.Module):
    """The same two logits everywhere, at stride 8, at as many scales as asked for."""

    normalisation = Normalisation((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
    multiple = 32

    def __init__(self, *scales: float) -> None:
        super().__init__()
        self.scales = scales

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        height, width = (side // 8 for side in x.shape[-2:])
        return torch.tensor([0.0, 2.0]).view(1, 2, 1, 1).expand(1, 2, height, width)


@pytest.fixture
def labels() -> torch.Tensor:
    """The right half is void, the left half one of each class; int64 (1, 16, 16)."""
    labels = torch.full((1, 16, 16), 255)
    labels[:, :8, :8] = 1
    labels[:, 8:, :8] = 0
    return labels


def test_the_loss_ignores_void_and_resizes_labels_to_the_logits(labels):
    expected = functional.cross_entropy(torch.tensor([[0.0, 2.0]] * 2), torch.tensor([1, 0]))
    assert SegmenterTask(Fixed(1.0))(torch.zeros(1, 3, 16, 16), labels) == pytest.approx(expected.item())


def test_every_scale_and_their_fusion_count():
    images, labels = torch.zeros(1, 3, 16, 16), torch.ones(1, 16, 16, dtype=torch.long)
    single = SegmenterTask(Fixed(1.0))(images, labels)
    assert SegmenterTask(Fixed(1.0, 0.5))(images, labels) == pytest.approx(3 * single.item())


def test_a_photograph_of_void_teaches_nothing(labels):
    assert SegmenterTask(Fixed(1.0))(torch.zeros(1, 3, 16, 16), torch.full_like(labels, 255)) == 0


def test_a_batch_is_normalised_as_the_network_wants_it(labels):
    stored = torch.full((1, 3, 16, 16), 255, dtype=torch.uint8)
    images, prepared = SegmenterTask(Fixed(1.0)).prepare(stored, labels.to(torch.uint8))
    assert (images == 2).all()
    assert torch.equal(prepared, labels)
