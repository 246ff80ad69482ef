"""Optimizers hold every parameter once, and their rates fall by the poly schedule."""

import pytest
import torch
from torch import nn

from lpg.training.schedule import check_groups, poly_rate, set_poly_rate


@pytest.fixture
def network() -> nn.Module:
    return nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 2))


def test_a_parameter_in_no_group_is_refused(network):
    with pytest.raises(AssertionError, match="exactly once"):
        check_groups(network, torch.optim.SGD(network[0].parameters(), lr=1.0))


def test_a_frozen_parameter_belongs_to_no_group(network):
    network[1].requires_grad_(False)
    check_groups(network, torch.optim.SGD(network[0].parameters(), lr=1.0))
    with pytest.raises(AssertionError, match="exactly once"):
        check_groups(network, torch.optim.SGD(network.parameters(), lr=1.0))


def test_poly_schedule(network):
    assert poly_rate(0, 100) == 1
    assert poly_rate(50, 100) == pytest.approx(0.5**0.9)
    groups = [{"params": network[0].parameters(), "lr": 1.0}, {"params": network[1].parameters(), "lr": 3.0}]
    optimizer = check_groups(network, torch.optim.SGD(groups))
    for iteration, left in ((25, 0.75), (75, 0.25)):  # of the first rate, not of the last one
        set_poly_rate(optimizer, iteration, 100)
        assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([left**0.9, 3 * left**0.9])
