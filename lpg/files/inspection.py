"""What is in a file of ours, in plain values, for people and for programs."""

import json
from pathlib import Path

import h5py
import numpy as np

from lpg.errors import InputError
from lpg.files.hdf5 import class_table, open_file
from lpg.files.ragged import Ragged


def inspect_file(path: str | Path) -> dict:
    """What a checkpoint or an HDF5 file holds and what made it: texts, numbers, lists and dicts of them.

    Raises:
        InputError: it is missing or damaged, or none of ours.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path} is no file", "mend the path")
    if path.suffix == ".h5":
        return _inspect_hdf5(path)
    if path.suffix in (".pt", ".safetensors"):
        return _inspect_checkpoint(path)
    raise InputError(f"{path}: only .pt, .safetensors and .h5 can be looked into", "give one of those")


def _inspect_hdf5(path: Path) -> dict:
    with open_file(path) as file:
        if "classes" not in file.attrs:
            raise InputError(f"{path} has no class table", "it is no file of lpg")
        classes = class_table(file)
        arrays: dict[str, str] = {}
        file.visititems(lambda name, node: arrays.update(_array(name, node)))
        made_by = {key: _plain(value) for key, value in file.attrs.items() if key != "classes"}
        facts = {"file": str(path), "photographs": len(file["images/name"]), "classes": list(classes)}
        if "boxes/class_id" in file:
            counts = np.bincount(file["boxes/class_id"][:], minlength=len(classes))
            facts["boxes"] = dict(zip(classes[1:], counts[1:].tolist(), strict=False))
        if "skipped/name" in file:
            facts["left out"] = len(file["skipped/name"])
        masks = "boxes/values" in file
    if masks:
        facts["masks"] = _mask_statistics(path)
    return facts | {"arrays": arrays, "made by": made_by}


def _array(name: str, node: h5py.Group | h5py.Dataset) -> dict[str, str]:
    return {name: f"{node.dtype} {node.shape}"} if isinstance(node, h5py.Dataset) else {}


def _mask_statistics(path: Path) -> dict:
    """Of the soft masks of boxes: how many, how many are empty or fill their box, and the mean part that they fill."""
    soft = Ragged(path, "boxes")
    parts = [float((soft[index] > 127).mean()) if soft[index].size else 0.0 for index in range(len(soft))]
    return {
        "boxes": len(parts),
        "empty": parts.count(0.0),
        "fill their box": parts.count(1.0),
        "mean part filled": round(float(np.mean(parts)), 3) if parts else None,
    }


def _inspect_checkpoint(path: Path) -> dict:
    from lpg.files.checkpoint import load_checkpoint  # torch is not for HDF5

    try:
        found = load_checkpoint(path, kind="generator")
    except InputError:
        found = load_checkpoint(path, kind="segmenter")
    losses = found.losses
    return {
        "file": str(path),
        "kind": found.kind,
        "architecture": found.recipe["architecture"],
        "parameters": sum(value.numel() for value in found.weights.values() if value.is_floating_point()),
        "initialisation": found.initialisation,
        "iterations": len(losses) or found.recipe.get("iterations"),
        "last losses": [round(loss, 4) for loss in losses[-3:]],
        "classes": list(found.classes),
        "normalisation": {key: list(value) for key, value in found.normalisation.__dict__.items()},
        "recipe": found.recipe,
        "made by": found.provenance,
    }


def _plain(value):
    """An attribute as a plain value; texts that are JSON as what they say."""
    if isinstance(value, str) and value.startswith(("{", "[")):
        return json.loads(value)
    return value.item() if isinstance(value, np.generic) else value
