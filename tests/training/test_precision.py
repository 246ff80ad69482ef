"""What a network computes in while it learns."""

import pytest
import torch
from torch import nn

from lpg.jobs.machine import Machine
from lpg.training.precision import mixed

DENSE, DEPTHWISE = nn.Conv2d(4, 4, 3), nn.Conv2d(4, 4, 3, groups=4)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_on_a_cpu_all_convolutions_but_depthwise_ones_are_in_its_precision(precision):
    x = torch.rand(2, 4, 8, 8)
    with mixed(Machine(precision=precision)):
        middle = DENSE(x)
        end = DEPTHWISE(middle)
        again = DENSE(end)
    assert (middle.dtype, end.dtype, again.dtype) == (getattr(torch, precision), torch.float32, middle.dtype)
    assert torch.equal(end, DEPTHWISE(middle.float()))
    (gradient,) = torch.autograd.grad(end.sum(), DEPTHWISE.weight)
    (expected,) = torch.autograd.grad(DEPTHWISE(middle.float()).sum(), DEPTHWISE.weight)
    assert torch.allclose(gradient, expected, rtol=1e-6)


def test_a_weight_that_was_computed_is_in_float32_too_and_grouped_ones_are_dense():
    x = torch.rand(2, 4, 8, 8)
    with mixed(Machine(precision="bfloat16")):
        weight = (torch.rand(1, 3) @ torch.rand(3, 36)).view(4, 1, 3, 3)
        assert weight.dtype == torch.bfloat16, "as timm's CondConv mixes it"
        assert nn.functional.conv2d(x, weight, groups=4).dtype == torch.float32
        assert nn.Conv2d(4, 4, 3, groups=2)(x).dtype == torch.bfloat16


def test_a_convolution_may_be_given_its_arguments_by_name():
    x, weight, bias = torch.rand(2, 4, 8, 8), torch.rand(4, 1, 3, 3), torch.rand(4)
    by_place = nn.functional.conv2d(x, weight, bias, groups=4)
    with mixed(Machine(precision="bfloat16")):
        half, computed = x.bfloat16(), bias.bfloat16()
        for given in ((x,), ()):
            named = {} if given else {"input": x}
            found = nn.functional.conv2d(*given, **named, weight=weight, bias=bias, groups=4)
            assert torch.equal(found, by_place)
        assert nn.functional.conv2d(half, weight=weight, bias=computed, groups=4).dtype == torch.float32
        assert nn.functional.conv2d(input=x, weight=torch.rand(4, 4, 3, 3)).dtype == torch.bfloat16


def test_a_network_of_both_learns_what_it_learns_in_float32():
    gradients = {}
    for precision in ("float32", "bfloat16"):
        torch.manual_seed(0)
        network = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3, groups=8), nn.ReLU(), nn.Conv2d(8, 2, 1))
        with mixed(Machine(precision=precision)):
            loss = network(torch.rand(4, 3, 16, 16)).float().square().mean()
        loss.backward()
        gradients[precision] = torch.cat([one.grad.flatten() for one in network.parameters()])
    exact, other = gradients.values()
    assert not torch.equal(exact, other) and torch.nn.functional.cosine_similarity(exact, other, dim=0) > 0.999
