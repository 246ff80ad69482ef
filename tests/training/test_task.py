"""How a task is laid out in memory."""

import pytest
import torch
from torch import nn

from lpg.jobs.machine import Machine
from lpg.training.task import fastest_format, trained_in


@pytest.mark.parametrize("groups", [1, 4])
@pytest.mark.parametrize(("device", "instructions"), [("cpu", "AVX2"), ("cpu", "AVX512"), ("cuda", "AVX2")])
def test_dense_networks_are_contiguous_where_a_cpu_has_no_avx_512(groups, device, instructions, monkeypatch):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: instructions)
    network = nn.Sequential(nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 3, groups=groups))
    contiguous = (groups, device, instructions) == (1, "cpu", "AVX2")
    assert fastest_format(network, device) == (torch.contiguous_format if contiguous else torch.channels_last)


@pytest.mark.parametrize("groups", [1, 4])
@pytest.mark.parametrize("device", ["cpu", "cuda"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_depthwise_networks_are_trained_in_float32_on_a_cpu(groups, device, precision):
    network = nn.Sequential(nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 3, groups=groups))
    expected = torch.float32 if (groups, device) == (4, "cpu") else getattr(torch, precision)
    assert trained_in(network, Machine(device, precision=precision)) == expected
