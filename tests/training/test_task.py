"""How a task is laid out in memory."""

import pytest
import torch
from torch import nn

from lpg.training.task import fastest_format


@pytest.mark.parametrize("groups", [1, 4])
@pytest.mark.parametrize(("device", "instructions"), [("cpu", "AVX2"), ("cpu", "AVX512"), ("cuda", "AVX2")])
def test_dense_networks_are_contiguous_where_a_cpu_has_no_avx_512(groups, device, instructions, monkeypatch):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: instructions)
    network = nn.Sequential(nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 3, groups=groups))
    contiguous = (groups, device, instructions) == (1, "cpu", "AVX2")
    assert fastest_format(network, device) == (torch.contiguous_format if contiguous else torch.channels_last)
