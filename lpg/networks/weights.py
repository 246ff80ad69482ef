"""Where a network starts: torchvision's ImageNet weights, a local file, or nothing.

Weights carry their own normalisation. torchvision's want RGB in [0, 1], less the mean, over the deviation.
"""

import pickle
from pathlib import Path

import torch
from torch import Tensor
from torchvision.models import MobileNet_V3_Large_Weights, ResNet18_Weights, ResNet101_Weights, VGG16_Weights

from lpg.errors import InputError

IMAGENET = {
    "largefov": VGG16_Weights.IMAGENET1K_V1,
    "resnet101": ResNet101_Weights.IMAGENET1K_V1,
    "resnet18": ResNet18_Weights.IMAGENET1K_V1,
    "lraspp": MobileNet_V3_Large_Weights.IMAGENET1K_V1,
}
NORMALISATION = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}


def trunk_weights(architecture: str, initialisation: str) -> dict[str, Tensor] | None:
    """The weights of the trunk: `imagenet`, `none`, or the path of a torchvision checkpoint of the same trunk.

    Raises:
        InputError: the weights cannot be had, with where to put the file.
    """
    if initialisation == "none":
        return None
    if initialisation == "imagenet":
        return _download(architecture)
    return read_weights(Path(initialisation))


def _download(architecture: str) -> dict[str, Tensor]:
    weights = IMAGENET[architecture]
    name = weights.url.rsplit("/", 1)[-1]
    cache = Path(torch.hub.get_dir(), "checkpoints", name)
    try:
        return weights.get_state_dict(progress=True, check_hash=True)
    except (OSError, RuntimeError) as error:
        raise InputError(
            f"the ImageNet weights of {architecture} cannot be downloaded ({error}); put {name} at {cache}, "
            "or set initialisation to the path of that file, or to none"
        ) from None


def read_weights(path: Path) -> dict:
    """Load a file of tensors and plain values, nothing executable.

    Raises:
        InputError: the file is missing, damaged or holds code.
    """
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; put the weights there or set initialisation to none") from None
    except pickle.UnpicklingError:
        raise InputError(
            f"{path} cannot be loaded as weights: it is damaged, or holds more than tensors and plain values; restore "
            "the file or make it again"
        ) from None
    except Exception as error:  # torch.load raises whatever the bytes of a damaged file lead it to
        reason = str(error).strip().split("\n")[0] or type(error).__name__
        raise InputError(f"{path} cannot be loaded as weights ({reason}); restore the file or make it again") from None
