"""Where a trunk starts: torchvision's ImageNet weights, or a local file."""

from pathlib import Path

import torch
from torch import Tensor
from torchvision.models import get_weight

from lpg.errors import InputError
from lpg.files.checkpoint import read_weights
from lpg.networks.registry import TRUNKS


def trunk_weights(name: str, initialisation: str) -> dict[str, Tensor]:
    """The weights of a trunk.

    Arguments:
        name: of torchvision's weights, as `VGG16_Weights.IMAGENET1K_V1`.
        initialisation: `imagenet`, or the path of a torchvision checkpoint of the same trunk.

    Raises:
        InputError: the weights cannot be had, with where to put the file.
    """
    if initialisation == "imagenet":
        return _download(name)
    return read_weights(Path(initialisation))


def _download(name: str) -> dict[str, Tensor]:
    weights = get_weight(name)
    file = weights.url.rsplit("/", 1)[-1]
    cache = Path(torch.hub.get_dir(), "checkpoints", file)
    try:
        return weights.get_state_dict(progress=True, check_hash=True, weights_only=True)
    except (OSError, RuntimeError) as error:
        raise InputError(
            f"the ImageNet weights {name} cannot be downloaded ({error})",
            f"put {file} at {cache}, or set initialisation to the path of that file, or take an architecture on a "
            f"trunk (unet, fpn, deeplabv3plus) whose weights are installed: {', '.join(TRUNKS)}",
        ) from None
