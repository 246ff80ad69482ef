"""What is in a file of ours, in plain values, for people and for programs."""

from pathlib import Path

import h5py
import numpy as np

from lpg.errors import InputError
from lpg.files.hdf5 import class_table, open_file
from lpg.files.made_by import made_by, said_in_graph
from lpg.files.pseudo_masks import read_object_from
from lpg.files.ragged import Ragged
from lpg.files.text_inspection import inspect_json, inspect_table
from lpg.jobs.stamps import TOLD


def inspect_file(path: str | Path) -> dict:
    """What a file of ours holds and what made it: texts, numbers, lists and dicts of them.

    Raises:
        InputError: it is missing or damaged, or none of ours.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path} does not exist", "mend the path")
    facts, known = _facts(path), made_by(path)
    told = path.suffix in TOLD and (facts or path.suffix != ".onnx")  # the facts of a graph are in it
    if not (known or told or isinstance(facts.get("rows"), list)):
        raise InputError(f"{path}: neither it nor anything beside it says that lpg made it", "give a file of lpg's")
    return {"file": str(path), **facts, "made by": known}


def _facts(path: Path) -> dict:
    match path.suffix if path.is_file() else "":
        case ".h5":
            return _inspect_hdf5(path)
        case ".pt" | ".safetensors":
            return _inspect_checkpoint(path)
        case ".onnx":
            return {key: value for key, value in said_in_graph(path).items() if key != "provenance"}
        case ".json":
            return inspect_json(path)
        case ".tsv":
            return inspect_table(path)
    return {}


def _inspect_hdf5(path: Path) -> dict:
    with open_file(path) as file:
        if "classes" not in file.attrs:
            raise InputError(f"{path} has no class table", "it is no file of lpg")
        classes = class_table(file)
        arrays: dict[str, str] = {}
        file.visititems(lambda name, node: arrays.update(_array(name, node)))
        facts = {"photographs": len(file["images/name"]), "classes": list(classes)}
        if "boxes/class_id" in file:
            counts = np.bincount(file["boxes/class_id"][:], minlength=len(classes))
            facts["boxes"] = dict(zip(classes[1:], counts[1:].tolist(), strict=False))
        if "skipped/name" in file:
            facts["left out"] = len(file["skipped/name"])
        least = read_object_from(file) if "boxes/values" in file else 0
    if least:
        facts["masks"] = _mask_statistics(path, least)
    return facts | {"arrays": arrays}


def _array(name: str, node: h5py.Group | h5py.Dataset) -> dict[str, str]:
    return {name: f"{node.dtype} {node.shape}"} if isinstance(node, h5py.Dataset) else {}


def _mask_statistics(path: Path, least: int) -> dict:
    """The statistics of the masks of boxes: how many, how many are empty or fill their box, and the mean filling."""
    soft = Ragged(path, "boxes")
    masks = (soft[index] for index in range(len(soft)))
    parts = [float((mask >= least).mean()) if mask.size else 0.0 for mask in masks]
    return {
        "boxes": len(parts),
        "empty": parts.count(0.0),
        "fill their box": parts.count(1.0),
        "mean part filled": round(float(np.mean(parts)), 3) if parts else None,
    }


def _inspect_checkpoint(path: Path) -> dict:
    from lpg.files.checkpoint import load_checkpoint  # torch is not for HDF5

    found = load_checkpoint(path)
    losses = found.losses
    return {
        "kind": found.kind,
        "architecture": found.recipe["architecture"],
        "parameters": sum(value.numel() for value in found.weights.values() if value.is_floating_point()),
        "initialisation": found.initialisation,
        "iterations": len(losses) or found.recipe.get("iterations"),
        "last losses": [round(loss, 4) for loss in losses[-3:]],
        "classes": list(found.classes),
        "normalisation": {key: list(value) for key, value in found.normalisation.__dict__.items()},
        "recipe": found.recipe,
    }
