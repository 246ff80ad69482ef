"""What the papers' networks look like, beside how many numbers they have."""

import pytest
import torch
from torch import nn

from lpg.networks.build import build_generator, build_segmenter
from lpg.networks.registry import LIGHT, SEGMENTERS
from lpg.segmenter.recipe import segmenter_recipe


def test_largefov_sees_as_far_as_published():
    """Two poolings without a stride, conv5 two pixels apart and fc6 twelve (DeepLab-LargeFOV, ICLR 2015)."""
    network = build_segmenter("largefov", 3)
    convolutions = [layer for layer in network.features if isinstance(layer, nn.Conv2d)]
    assert [layer.dilation[0] for layer in convolutions] == [layer.padding[0] for layer in convolutions]
    assert [layer.dilation[0] for layer in convolutions] == [1] * 10 + [2] * 3
    assert [layer.stride for layer in network.features if isinstance(layer, nn.MaxPool2d)] == [2, 2, 2, 1, 1]
    assert network.fc6.dilation == network.fc6.padding == (12, 12)
    assert network.dropout.p == 0.5


def test_deeplab_v2_sums_four_fields_of_view_at_three_scales():
    network = build_segmenter("resnet101", 3)
    assert [branch.dilation for branch in network.aspp] == [(6, 6), (12, 12), (18, 18), (24, 24)]
    assert network.scales == (1.0, 0.75, 0.5)
    features = torch.randn(1, 2048, 5, 6)
    with torch.no_grad():
        expected = torch.stack([branch(features) for branch in network.aspp]).sum(dim=0)
        assert torch.allclose(network.classify(features), expected, atol=1e-5)


@pytest.mark.parametrize(
    "build",
    [
        lambda: build_generator("hourglass"),
        lambda: build_generator("resnet18"),
        lambda: build_segmenter("resnet18", 3),
        lambda: build_segmenter("lraspp", 3),
    ],
    ids=["hourglass", "resnet18 generator", "resnet18", "lraspp"],
)
def test_every_parameter_has_a_say(build):
    torch.manual_seed(0)
    network = build().train()
    first = next(layer for layer in network.modules() if isinstance(layer, nn.Conv2d))
    network(torch.randn(2, first.in_channels, 64, 64)).square().sum().backward()
    silent = [name for name, one in network.named_parameters() if one.grad is None or not one.grad.abs().sum() > 0]
    assert silent == []


def test_a_block_of_the_hourglass_adds_to_what_it_is_given():
    from lpg.networks.hourglass import Residual

    block = Residual(3, 3).eval()
    nn.init.zeros_(block.body[3].weight)
    x = torch.rand(1, 3, 4, 4)
    assert torch.equal(block(x), x)


def test_the_numbers_of_the_light_networks():
    lraspp, unet = (segmenter_recipe({"architecture": name}) for name in ("lraspp", "unet"))
    assert (lraspp.iterations, lraspp.batch, lraspp.learning_rate, lraspp.weight_decay) == (20_000, 16, 1e-2, 5e-4)
    assert (unet.learning_rate, unet.last_factor, unet.bias_factor, unet.weight_decay) == (1e-3, 1.0, 1.0, 0.01)
    assert all(SEGMENTERS[name].numbers is LIGHT for name in ("unet", "fpn", "deeplabv3plus"))
