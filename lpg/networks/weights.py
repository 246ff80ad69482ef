"""Where a trunk starts: ImageNet's weights by torchvision or by `trunks`, or a local file."""

from pathlib import Path

import torch
from torch import Tensor, nn

from lpg.errors import InputError
from lpg.files.checkpoint import read_weights
from lpg.networks.registry import HUB, TRUNKS, Network


def start_trunk(network: nn.Module, line: Network, architecture: str, initialisation: str, trunk: str | None) -> None:
    """Start the trunk of a network that was built from a line of the registry.

    Arguments:
        initialisation: `none` leaves it random; `imagenet`, or the path of its weights.
        trunk: the encoder of timm that it was built on, if it was.

    Raises:
        InputError: the weights cannot be had or are of another network.
    """
    if initialisation == "none":
        return
    if not (line.takes_trunk or line.weights):
        raise InputError(f"{architecture} has no trunk to start from", "set initialisation to none")
    # timm is not for the paper's networks
    weights = HUB.open()(trunk, initialisation) if line.takes_trunk else trunk_weights(line.weights, initialisation)
    try:
        network.load_trunk(weights)
    except (KeyError, IndexError, RuntimeError) as error:
        own = f"a state dict of timm for {trunk}" if line.takes_trunk else f"the weights of its trunk, {line.weights}"
        raise InputError(
            f"initialisation '{initialisation}' does not fit {architecture} ({str(error).strip().splitlines()[0]})",
            f"give {own}",
        ) from None


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
    from torchvision.models import get_weight  # half a second, for those alone who download

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
