"""A network from its line in the registry. Its module is imported now, and by name: nobody else reaches it."""

from lpg.errors import InputError
from lpg.networks.protocols import GeneratorNetwork, SegmenterNetwork
from lpg.networks.registry import GENERATORS, SEGMENTERS, Network
from lpg.networks.weights import trunk_weights
from lpg.pixels.colours import Normalisation


def build_segmenter(architecture: str, classes: int, initialisation: str = "none") -> SegmenterNetwork:
    """A segmenter f for `classes` classes (background included), its trunk started as asked.

    Raises:
        InputError: the weights cannot be had or are of another network.
    """
    return _build(architecture, SEGMENTERS[architecture], initialisation, classes=classes)


def build_generator(architecture: str, initialisation: str = "none") -> GeneratorNetwork:
    """A class-agnostic generator g: image 3, box map 1, score 1 in; two logits out. Its trunk, if any, as asked.

    Raises:
        InputError: as of a segmenter.
    """
    return _build(architecture, GENERATORS[architecture], initialisation)


def _build(architecture: str, line: Network, initialisation: str, **arguments):
    network = line.open()(**line.arguments, **arguments)
    network.normalisation = Normalisation(*line.normalisation)
    if initialisation != "none":
        if line.weights is None:
            raise InputError(f"{architecture} has no trunk to start from", "set initialisation to none")
        weights = trunk_weights(line.weights, initialisation)
        try:
            network.load_trunk(weights)
        except (KeyError, RuntimeError) as error:
            reason = str(error).strip().split("\n")[0]
            raise InputError(
                f"initialisation '{initialisation}' does not fit {architecture} ({reason})",
                f"give torchvision's weights of the same trunk, {line.weights}",
            ) from None
    return network
