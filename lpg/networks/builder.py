"""Every network by name. A new one is a module in this folder and a line in one of the two tables."""

from functools import partial

from torch import nn

from lpg.errors import InputError
from lpg.networks.class_masking import ClassMasking
from lpg.networks.deeplab_v2 import DeepLabV2
from lpg.networks.hourglass import Hourglass
from lpg.networks.largefov import LargeFov
from lpg.networks.lraspp import Lraspp
from lpg.networks.resnet18 import ResNet18
from lpg.networks.resnet_generator import ResNetGenerator
from lpg.networks.weights import trunk_weights

SEGMENTERS = {"largefov": LargeFov, "resnet101": DeepLabV2, "lraspp": Lraspp, "resnet18": ResNet18}
GENERATORS = {
    "hourglass": Hourglass,
    "resnet18": partial(ResNetGenerator, 18),
    "resnet101": partial(ResNetGenerator, 101),
}


def build_segmenter(architecture: str, classes: int, initialisation: str = "none", masking: bool = False) -> nn.Module:
    """A segmenter f for `classes` classes (background included), its trunk started as asked, with BCM's masking or not.

    Raises:
        InputError: the weights cannot be had or are of another network.
    """
    network = SEGMENTERS[architecture](classes)
    _load_trunk(network, architecture, initialisation)
    return ClassMasking(network, classes) if masking else network


def build_generator(architecture: str, initialisation: str = "none") -> nn.Module:
    """A class-agnostic generator g: image 3, box map 1, score 1 in; two logits out. The ResNets have a trunk to start.

    Raises:
        InputError: as of a segmenter.
    """
    network = GENERATORS[architecture]()
    _load_trunk(network, architecture, initialisation)
    return network


def _load_trunk(network: nn.Module, architecture: str, initialisation: str) -> None:
    weights = trunk_weights(architecture, initialisation)
    if weights is not None:
        try:
            network.load_trunk(weights)
        except (KeyError, RuntimeError) as error:
            reason = str(error).strip().split("\n")[0]
            raise InputError(
                f"initialisation '{initialisation}' does not fit {architecture} ({reason}); "
                "give torchvision's weights of the same trunk"
            ) from None
