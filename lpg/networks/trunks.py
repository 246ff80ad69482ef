"""Encoders of timm and their ImageNet weights: from an installed package, from timm's hub, or from a file."""

import hashlib
import importlib.util
import re
from pathlib import Path

from torch import Tensor, nn

from lpg.errors import InputError
from lpg.files.checkpoint import read_weights
from lpg.networks.eager import lean
from lpg.networks.registry import TRUNKS, Trunk
from lpg.pixels.colours import Normalisation

with lean():
    import timm

# An encoder's `stages_0` and `stem_conv1` are a classifier's `stages.0` and `stem.conv1`.
FLATTENED = re.compile(r"^(\w+?)_(\w+?)\.")


def trunk_normalisation(trunk: str) -> Normalisation:
    """What the weights of an encoder want of an image.

    Raises:
        InputError: timm has no such encoder.
    """
    if trunk in TRUNKS:
        return Normalisation(*TRUNKS[trunk].normalisation)
    if not timm.is_model(trunk):
        raise InputError(f"timm has no encoder '{trunk}'", f"take one of timm.list_models(), such as {_packaged()}")
    try:
        facts = timm.get_pretrained_cfg(trunk)
    except RuntimeError as error:  # of weights by another name
        raise InputError(f"trunk {trunk}: {error}", f"write {trunk.split('.')[0]}, or another of its weights") from None
    return Normalisation(tuple(facts.mean), tuple(facts.std))


def pretrained_weights(trunk: str, initialisation: str) -> dict[str, Tensor]:
    """The state dict of an encoder, in timm's names; it may have the classifier too.

    Arguments:
        initialisation: `imagenet`, or the path of a state dict.

    Raises:
        InputError: the weights cannot be had, with what could be.
    """
    if initialisation != "imagenet":
        return _weights_in(Path(initialisation), trunk)
    if trunk in TRUNKS:
        return TRUNKS[trunk].open()(TRUNKS[trunk], trunk)
    try:
        return timm.create_model(trunk, pretrained=True).state_dict()
    except Exception as error:  # the hub's client raises what its transport does
        reason = str(error).strip().split("\n")[0]
        raise InputError(
            f"the ImageNet weights of {trunk} cannot be had from timm's hub ({reason})",
            f"set initialisation to a file of them, or take a trunk whose weights are installed: {_packaged()}",
        ) from None


def _weights_in(path: Path, trunk: str) -> dict[str, Tensor]:
    """A deeper relative has every name and every shape of the encoder's, and more."""
    weights = read_weights(path)
    surplus = weights.keys() - timm.create_model(trunk).state_dict().keys()
    if surplus:
        raise InputError(
            f"{path} is not of {trunk}, which has no '{min(surplus)}'", f"give a state dict of timm for {trunk}"
        )
    return weights


def packaged_weights(line: Trunk, trunk: str) -> dict[str, Tensor]:
    """The weights in an installed package, brought to timm's names: entry by entry they are in its order.

    Raises:
        InputError: the package is missing, or its file is another.
    """
    spec, name = importlib.util.find_spec(line.package), line.package.replace("_", "-")
    path = Path(spec.submodule_search_locations[0] if spec else "", line.file)
    if not path.is_file():
        raise InputError(
            f"{line.file} of the package {name}, the weights of {trunk}, is missing", "install requirements.lock"
        )
    with open(path, "rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != line.sha256:
            raise InputError(f"{path} is not the file that the registry knows", f"install {line.package} anew")
    weights = read_weights(path)
    names = timm.create_model(trunk).state_dict()
    shapes = [tuple(value.shape) for value in names.values()]
    if [tuple(value.shape) for value in weights.values()] != shapes:
        raise InputError(f"{path} does not fit {trunk} of timm {timm.__version__}", "install the pinned versions")
    return dict(zip(names, weights.values(), strict=True))


def fill_encoder(encoder: nn.Module, weights: dict[str, Tensor]) -> None:
    """Give an encoder its weights, key by key; the first convolution's further input channels start at zero.

    Raises:
        KeyError: one is missing.
        RuntimeError: one has another shape.
    """
    own = encoder.state_dict()
    filled = {name: weights[name if name in weights else FLATTENED.sub(r"\1.\2.", name)] for name in own}
    first = next(name for name, value in own.items() if value.ndim == 4)
    more = own[first].shape[1] - filled[first].shape[1]
    if more > 0:
        filled[first] = nn.functional.pad(filled[first], (0, 0, 0, 0, 0, more))
    encoder.load_state_dict(filled)


def _packaged() -> str:
    return ", ".join(TRUNKS)
