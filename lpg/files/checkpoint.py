"""`segmenter.pt` and `generator.pt`: a trained network as one file that can be used alone, or is handed on."""

import hashlib
import json
import math
import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from lpg.errors import InputError
from lpg.files.atomic import replace_atomically
from lpg.jobs.provenance import CONTENT, check_sums
from lpg.pixels.colours import Normalisation

SHIPPED = "lpg"  # the key of the text in a `.safetensors`
OTHERS = (".h5", ".onnx", ".json", ".yaml", ".txt", ".png", ".jpg")  # what is given by mistake, and is not damaged
KINDS = ("segmenter", "generator")
REMEDY = "move it away, and the same command makes it anew; restore it if it is of your own"


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
        normalisation: mean and std that an image in [0, 1] is brought to.
        provenance: what made it.
    """

    kind: str
    recipe: dict
    classes: tuple[str, ...]
    weights: dict[str, Tensor]
    losses: list[float]
    initialisation: str
    normalisation: Normalisation
    provenance: dict = field(default_factory=dict)

    def save(self, path: str | Path) -> None:
        """Write the file; what is there is replaced only when the new one is whole."""
        provenance = self.provenance | {CONTENT: self.content_digest()}
        with replace_atomically(path) as partial:
            torch.save(self._plain() | {"provenance": provenance}, partial)

    def content_digest(self) -> str:
        """The digest of everything in it, whatever made it."""
        content = self._plain()
        del content["provenance"]
        digest = hashlib.blake2b(digest_size=12)
        for name, value in content.pop("weights").items():
            digest.update(f"{name} {value.dtype} {tuple(value.shape)}\0".encode())
            digest.update(value.reshape(-1).contiguous().view(torch.uint8).numpy())
        digest.update(json.dumps(content, sort_keys=True).encode())
        return digest.hexdigest()

    def ship(self, path: str | Path, by: dict | None = None) -> None:
        """Write `.safetensors`: weights in half precision, vectors as they are, all else but the losses as text.

        Arguments:
            by: what hands it on, beside what trained it; `handed_on` of its provenance.
        """
        halved = {name: value.half() if value.ndim > 1 else value for name, value in self.weights.items()}
        weights = {name: value.contiguous() for name, value in halved.items()}  # they are channels last
        made = {key: value for key, value in self.provenance.items() if key != CONTENT}
        made |= {"handed_on": by} if by else {}
        facts = {key: value for key, value in self._plain().items() if key != "weights"}
        facts |= {"losses": [], "provenance": made}
        with replace_atomically(path) as partial:
            partial.write_bytes(save(weights, metadata={SHIPPED: json.dumps(facts)}))

    def _plain(self) -> dict:
        """Its fields as tensors and plain values."""
        return self.__dict__ | {
            "classes": list(self.classes),
            "normalisation": {**self.normalisation.__dict__},
        }


def fill(network: nn.Module, checkpoint: Checkpoint, path: str | Path) -> None:
    """Give a network the weights of a checkpoint, and the normalisation that belongs to them.

    Raises:
        InputError: they are not of this network, whatever the recipe beside them says.
    """
    try:
        network.load_state_dict(checkpoint.weights)
    except RuntimeError:
        raise InputError(
            f"{path}: its weights are not those of the {checkpoint.recipe['architecture']} that its recipe names",
            REMEDY,
        ) from None
    network.normalisation = checkpoint.normalisation


def load_checkpoint(
    path: str | Path, *, kind: str | None = None, architecture: str | None = None, classes: Sequence[str] | None = None
) -> Checkpoint:
    """Read a checkpoint, or one that `ship` wrote, and check that it is what the caller expects, if that is anything.

    Raises:
        InputError: the file is missing or damaged, of another kind, architecture or class table.
    """
    path = Path(path)
    content = _read_shipped(path) if path.suffix == ".safetensors" else read_tensors(path)
    if not isinstance(content, dict) or set(content) != set(Checkpoint.__dataclass_fields__):
        raise InputError(f"{path} is not a checkpoint of lpg", "give a segmenter.pt or a generator.pt that lpg trained")
    try:
        checkpoint = _checked(content)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path} is a damaged checkpoint ({error})", REMEDY) from None
    found = checkpoint.recipe["architecture"]
    if kind is not None and checkpoint.kind != kind:
        raise InputError(f"{path} holds a {checkpoint.kind}, not a {kind}", "give the other file")
    if architecture is not None and found != architecture:
        raise InputError(f"{path} holds a {found}, but the configuration asks for {architecture}", "change one of them")
    if classes is not None and checkpoint.classes != tuple(classes):
        raise InputError(
            f"{path} was trained for the classes {', '.join(checkpoint.classes)}, not for {', '.join(classes)}",
            "use the same datasets and classes or train it again",
        )
    return checkpoint


def _checked(content: dict) -> Checkpoint:
    """The checkpoint of plain values; every error is the file's."""
    found = {key: tuple(map(float, values)) for key, values in content["normalisation"].items()}
    normalisation, classes = Normalisation(**found), tuple(content["classes"])
    if [len(values) for values in found.values()] != [3, 3] or not all(map(math.isfinite, chain(*found.values()))):
        raise ValueError("its normalisation is not three numbers and three")
    if not all(isinstance(name, str) for name in (*classes, content["kind"], content["recipe"]["architecture"])):
        raise ValueError("its names are no text")
    if content["kind"] not in KINDS:
        raise ValueError(f"its kind is none of {' and '.join(KINDS)}")
    if not _are_tensors(content["weights"]):
        raise ValueError("its weights are no tensors")
    if not isinstance(content["provenance"], dict):
        raise ValueError("its provenance is no dictionary")
    content["losses"] = list(map(float, content["losses"]))
    return Checkpoint(**(content | {"classes": classes, "normalisation": normalisation}))


def _are_tensors(content: object) -> bool:
    """Whether a value is a state dict: tensors by their names."""
    pairs = content.items() if isinstance(content, dict) else [(None, None)]
    return all(isinstance(name, str) and isinstance(value, Tensor) for name, value in pairs)


def _read_shipped(path: Path) -> dict:
    try:
        with safe_open(path, framework="pt") as file:
            facts = json.loads((file.metadata() or {}).get(SHIPPED, "{}"))
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (it is no mapping)
    except FileNotFoundError:
        raise InputError(f"{path} does not exist", "mend the path, or put the file there") from None
    except (SafetensorError, OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} cannot be loaded as weights ({error})", REMEDY) from None
    if not isinstance(facts, dict):
        return {}
    widened = {name: value.float() if value.is_floating_point() else value for name, value in weights.items()}
    return facts | {"weights": widened} if facts else facts


def read_weights(path: Path) -> dict[str, Tensor]:
    """The state dict in a file of others.

    Raises:
        InputError: as `read_tensors`, or it holds something else.
    """
    content = read_tensors(path)
    if not _are_tensors(content):
        raise InputError(f"{path} holds no state dict", "save the network's state_dict() alone")
    return content


def read_tensors(path: Path) -> dict:
    """Load a file of tensors and plain values, nothing executable.

    Raises:
        InputError: the file is missing, of another kind, damaged or holds code.
    """
    if path.suffix in OTHERS and path.is_file():
        raise InputError(f"{path} holds no network", "give a file that torch wrote: a .pt or a .pth")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        check_sums(path)
        return content
    except FileNotFoundError:
        raise InputError(f"{path} does not exist", "mend the path, or put the file there") from None
    except pickle.UnpicklingError:
        raise InputError(
            f"{path} cannot be loaded as weights: it is damaged, or holds more than tensors and plain values", REMEDY
        ) from None
    except Exception as error:  # torch.load raises whatever the bytes of a damaged file lead it to
        reason = str(error).strip().split("\n")[0] or type(error).__name__
        raise InputError(f"{path} cannot be loaded as weights ({reason})", REMEDY) from None
