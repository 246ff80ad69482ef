"""A trained network as one file that can be used alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from lpg.errors import InputError
from lpg.networks.weights import NORMALISATION, read_weights
from lpg.storage import replace_atomically


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint file holds.

    Attributes:
        kind: `segmenter` or `generator`.
        recipe: the settings it was trained with; `recipe["architecture"]` names the network.
        classes: the class table, background first; of a class-agnostic generator, what it learned from.
        weights: the state dict.
        losses: the loss of every iteration.
        initialisation: where the first stage started.
        provenance: what made it.
        normalisation: mean and std that an image in [0, 1] is brought to.
    """

    kind: str
    recipe: dict
    classes: tuple[str, ...]
    weights: dict[str, Tensor]
    losses: list[float]
    initialisation: str
    provenance: dict = field(default_factory=dict)
    normalisation: dict = field(default_factory=lambda: dict(NORMALISATION))

    def save(self, path: str | Path) -> None:
        """Write the file; what is there is replaced only when the new one is whole."""
        with replace_atomically(path) as partial:
            torch.save({**self.__dict__, "classes": list(self.classes)}, partial)


def fill(network: nn.Module, checkpoint: Checkpoint, path: str | Path) -> None:
    """Give a network the weights of a checkpoint.

    Raises:
        InputError: they are not of this network, whatever the recipe beside them says.
    """
    try:
        network.load_state_dict(checkpoint.weights)
    except RuntimeError:
        raise InputError(
            f"{path}: its weights are not those of the {checkpoint.recipe['architecture']} that its recipe names; "
            "restore the file or make it again"
        ) from None


def load_checkpoint(
    path: str | Path, *, kind: str, architecture: str | None = None, classes: Sequence[str] | None = None
) -> Checkpoint:
    """Read a checkpoint and check that it is what the caller expects.

    Raises:
        InputError: the file is missing or damaged, of another kind, architecture or class table.
    """
    content = read_weights(Path(path))
    if not isinstance(content, dict) or set(content) != set(Checkpoint.__dataclass_fields__):
        raise InputError(f"{path} is not a checkpoint of lpg; give a file that train_segmenter or train_generator made")
    checkpoint = Checkpoint(**{**content, "classes": tuple(content["classes"])})
    found = checkpoint.recipe["architecture"]
    if checkpoint.kind != kind:
        raise InputError(f"{path} holds a {checkpoint.kind}, not a {kind}; give the other file")
    if architecture is not None and found != architecture:
        raise InputError(f"{path} holds a {found}, but the configuration asks for {architecture}; change one of them")
    if classes is not None and checkpoint.classes != tuple(classes):
        raise InputError(
            f"{path} was trained for the classes {', '.join(checkpoint.classes)}, "
            f"not for {', '.join(classes)}; use the same datasets and classes or train it again"
        )
    return checkpoint
