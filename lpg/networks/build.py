"""A network from its line in the registry. Its module is imported now, and by name: nobody else reaches it."""

import torch
from torch import nn

from lpg.errors import InputError
from lpg.networks.protocols import GeneratorNetwork, SegmenterNetwork
from lpg.networks.registry import GENERATORS, NORMALISATION, SEGMENTERS, Network
from lpg.pixels.colours import Normalisation


def build_segmenter(
    architecture: str, classes: int, trunk: str | None = None, output_stride: int | None = None
) -> SegmenterNetwork:
    """A segmenter f for `classes` classes (background included), of random weights.

    Arguments:
        trunk: an encoder of timm, for an architecture that takes one.
        output_stride: one of the architecture's `strides` in the registry; None takes the first.

    Raises:
        InputError: the architecture cannot be built on the trunk.
    """
    return _build(architecture, SEGMENTERS[architecture], trunk, output_stride, classes=classes)


def build_generator(architecture: str, trunk: str | None = None, output_stride: int | None = None) -> GeneratorNetwork:
    """A class-agnostic generator g, of random weights: image 3, box map 1, score 1 in; two logits out.

    Raises:
        InputError: as of a segmenter.
    """
    return _build(architecture, GENERATORS[architecture], trunk, output_stride)


def _build(architecture: str, line: Network, trunk: str | None, output_stride: int | None, **arguments):
    if line.strides:
        arguments["output_stride"] = output_stride or line.strides[0]
    if line.takes_trunk:  # timm is not for the paper's networks
        normalisation = NORMALISATION.open()(trunk)
        network = _on_trunk(architecture, line, trunk, arguments)
    else:
        normalisation = Normalisation(*line.normalisation)
        network = line.open()(**line.arguments, **arguments)
    network.normalisation = normalisation
    network.multiple = line.multiple
    return network


def _on_trunk(architecture: str, line: Network, trunk: str, arguments: dict) -> nn.Module:
    """Not every encoder of timm suits every head, and some see images of one size only: it is tried."""
    try:
        network = line.open()(**line.arguments, **arguments, trunk=trunk)
        with torch.inference_mode():
            network.eval()(torch.zeros(1, line.arguments.get("in_channels", 3), 64, 96))
    except (AssertionError, RuntimeError, TypeError, ValueError) as error:
        raise InputError(
            f"{architecture} cannot be built on {trunk} ({str(error) or type(error).__name__})",
            "take a convolutional encoder of strides 2 to 32, or another head",
        ) from None
    return network.train()
