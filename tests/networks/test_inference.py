"""Networks that are made ready to be applied say what they said before."""

import pytest
import torch
from torch import nn

from lpg.errors import InputError
from lpg.networks.build import build_generator, build_segmenter
from lpg.networks.inference import AT_ONCE, PIXELS, arithmetic, folded, ready, together
from lpg.networks.registry import GENERATORS, SEGMENTERS

TRUNK = "tf_efficientnet_lite0"


def settled(network: nn.Module) -> nn.Module:
    """Its normalisations have seen something: as they are built they would do nothing."""
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.running_mean, -0.2, 0.2)
            nn.init.uniform_(layer.running_var, 0.5, 2)
            nn.init.uniform_(layer.weight, 0.5, 1.5)
            nn.init.uniform_(layer.bias, -0.2, 0.2)
    return network.eval()


def normalisations(network: nn.Module) -> int:
    return sum(isinstance(layer, nn.BatchNorm2d) for layer in network.modules())


@pytest.mark.parametrize("architecture", SEGMENTERS)
def test_a_folded_segmenter_gives_the_same_logits(architecture):
    torch.manual_seed(0)
    trunk = TRUNK if SEGMENTERS[architecture].takes_trunk else None
    network, image = settled(build_segmenter(architecture, 3, trunk)), torch.randn(1, 3, 96, 64)
    with torch.inference_mode():
        expected, found = network(image), folded(network)(image)
    assert torch.allclose(found, expected, rtol=0, atol=1e-3 * expected.abs().max().item())


@pytest.mark.parametrize("architecture", GENERATORS)
def test_a_folded_generator_has_no_normalisation_left_and_gives_the_same_logits(architecture):
    torch.manual_seed(0)
    trunk = TRUNK if GENERATORS[architecture].takes_trunk else None
    network, x = settled(build_generator(architecture, trunk)), torch.randn(1, 5, 64, 96)
    with torch.inference_mode():
        expected, found = network(x), folded(network)(x)
    assert torch.allclose(found, expected, rtol=0, atol=1e-3 * expected.abs().max().item())
    assert normalisations(network) > 10 and normalisations(folded(network)) == 0


def test_what_a_network_says_of_itself_stays_and_so_does_the_network():
    network = settled(build_segmenter("fpn", 3, TRUNK))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    made = ready(network, "cpu")
    for fact in ("normalisation", "multiple", "scales", "stride"):
        assert getattr(made, fact) == getattr(network, fact)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


class TwoReaders(nn.Module):
    """What the convolution gives is normalised, and is also read as it is: the one cannot be folded into the other."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution, self.normalisation = nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.convolution(x)
        return x + self.normalisation(x)


def test_a_convolution_with_another_reader_is_left_alone():
    network, image = settled(TwoReaders()), torch.randn(1, 3, 8, 8)
    assert normalisations(folded(network)) == 1
    assert torch.equal(folded(network)(image), network(image))


def test_the_arithmetic_is_bfloat16_only_where_the_device_has_it(monkeypatch):
    x = torch.randn(1, 3, 8, 8)
    for has, dtype in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr("lpg.networks.inference.has_bfloat16", lambda device, has=has: has)
        with arithmetic("cpu"):
            assert nn.Conv2d(3, 4, 1)(x).dtype == dtype
    assert nn.Conv2d(3, 4, 1)(x).dtype == torch.float32


def test_inputs_of_one_size_go_together_as_many_as_suit_the_device(monkeypatch):
    large = int(PIXELS["cpu"] ** 0.5) + 1
    sides = [(8, 8), (8, 16), (8, 8), (large, large), (8, 8), (large, large), (8, 8), (8, 8), (16, 8)]
    inputs = [torch.zeros(3, *side) for side in sides]

    def asked(device: str, inputs: list[torch.Tensor] = inputs) -> list[list[int]]:
        groups = []

        def forward(indices: list[int]) -> torch.Tensor:
            groups.append(indices)
            return torch.tensor(indices)

        assert together(inputs, forward, device) == list(range(len(inputs))), "the answers have lost their order"
        return groups

    assert asked("cpu") == [[0, 2, 4, 6], [7], [1], [3], [5], [8]]
    assert asked("cuda")[0] == [0, 2, 4, 6, 7]
    assert asked("cpu", []) == []
    monkeypatch.setitem(AT_ONCE, "cpu", 2)
    assert asked("cpu") == [[0, 2], [4, 6], [7], [1], [3], [5], [8]]


@pytest.mark.parametrize("fits", [1, 3, 7])
def test_what_a_gpu_has_no_memory_for_at_once_goes_through_it_in_parts(fits):
    inputs, shown = [torch.zeros(3, 8, 8)] * 7, []

    def forward(group: list[int]) -> list[int]:
        if len(group) > fits:
            raise torch.OutOfMemoryError
        shown.append(len(group))
        return group

    assert together(inputs, forward, "cuda") == list(range(7))
    assert max(shown) <= fits and sum(shown) == 7


def test_an_input_that_a_gpu_has_no_memory_for_is_one_sentence():
    def full(group: list[int]) -> list[int]:
        raise torch.OutOfMemoryError

    with pytest.raises(InputError, match="the GPU's memory is too small for a single input; see that nothing else"):
        together([torch.zeros(3, 8, 8)] * 2, full, "cuda")
