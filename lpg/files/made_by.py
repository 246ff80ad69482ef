"""What made a file of ours, as the file says, or what lies beside it."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from lpg.errors import InputError
from lpg.files.checkpoint_facts import said_in_checkpoint
from lpg.files.hdf5 import open_file
from lpg.jobs.stamps import FOLDER, NAME, read_stamp

LARGE = 1 << 24  # bytes
INPUTS = "input_digests"
# What a generator was asked, photograph by photograph, for the next lpg masks; nothing where people have decided on it.
ASKED = "asked"
UNTOLD = "classes", ASKED
NO_JSON = ValueError, RecursionError  # what the json module raises
PROPERTIES = 14  # the field of ONNX's ModelProto with its metadata


def made_by(path: str | Path) -> dict[str, Any]:
    """Version, commit, rule, settings, digests of the inputs, libraries and device, as far as anybody has said so.

    Raises:
        InputError: the file is damaged.
    """
    try:
        said = _said(Path(path))
    except InputError:  # a ValueError too, which says more
        raise
    except NO_JSON as error:
        raise InputError(f"what {path}, or a file beside it, says of its making cannot be read ({error})",
                         "make it again, or restore it") from None  # fmt: skip
    known = {key: plain(value) for key, value in said.items()} if isinstance(said, dict) else {}
    if not isinstance(known.get(INPUTS, {}), dict):  # another's may say anything
        del known[INPUTS]
    return known


def _said(path: Path) -> Any:
    match path.suffix if path.is_file() else "":
        case ".h5":
            with open_file(path) as file:
                return {key: value for key, value in file.attrs.items() if key not in UNTOLD}
        case ".pt":
            return _of_checkpoint(path)
        case ".safetensors":
            return said_in_weights(path).get("provenance", {})
        case ".onnx":
            return said_in_graph(path).get("provenance", {})
        case ".json":
            return read_stamp(path) or _of_json(path)
    return read_stamp(path)


def plain(value: Any) -> Any:
    """An attribute as a plain value; texts that are JSON as what they say."""
    if isinstance(value, str) and value.startswith(("{", "[")):
        with suppress(*NO_JSON):
            return json.loads(value)
    return value.item() if isinstance(value, np.generic) else value


def _of_checkpoint(path: Path) -> dict:
    content = said_in_checkpoint(path)
    return content.get("provenance", {}) if isinstance(content, dict) else {}


def _of_json(path: Path) -> dict:
    """What a JSON says of its making: a dictionary may have room for it, but none as large as annotations are."""
    if path.stat().st_size > LARGE:
        return {}
    try:
        content = json.loads(path.read_bytes())
    except NO_JSON as error:
        raise InputError(f"{path} is no JSON ({error})", "restore the file or make it again") from None
    if isinstance(content, dict):
        return content if path.name.endswith(FOLDER) else content.get("provenance", {})
    return {}


def said_in_weights(path: Path) -> dict:
    """All that a `.safetensors` of ours says; its first bytes are its length and JSON."""
    try:
        with path.open("rb") as file:
            header = json.loads(file.read(min(int.from_bytes(file.read(8), "little"), path.stat().st_size)))
        return json.loads(header.get("__metadata__", {}).get(NAME, "{}"))
    except (*NO_JSON, AttributeError) as error:
        raise InputError(f"{path} cannot be read as weights ({error})", "restore the file or make it again") from None


def said_in_graph(path: Path) -> dict:
    """All that an ONNX file of ours says, without the package onnx."""
    with path.open("rb") as file:
        for number, data in _fields(file, path.stat().st_size):
            parts = data.split(NAME.encode(), 1) if number == PROPERTIES else []
            if len(parts) == 2 and b"{" in parts[1]:
                return _of_graph(path, parts[1][parts[1].index(b"{") :])
    return {}


def _of_graph(path: Path, text: bytes) -> dict:
    try:
        return json.loads(text)
    except NO_JSON as error:
        raise InputError(f"{path} cannot be read as a graph ({error})", "restore the file or make it again") from None


def _fields(file: BinaryIO, size: int) -> Iterator[tuple[int, bytes]]:
    """The fields of a protocol buffer by their numbers: the data of those that are as small as a text."""
    while file.tell() < size:
        tag = _number(file)
        if tag & 7 == 0:
            _number(file)
        elif tag & 7 == 2:
            length = _number(file)
            if tag >> 3 == PROPERTIES:
                yield tag >> 3, file.read(length)
            else:
                file.seek(length, 1)
        else:
            return


def _number(file: BinaryIO) -> int:
    value = shift = 0
    while (byte := file.read(1)) and shift < 64:
        value |= (byte[0] & 127) << shift
        shift += 7
        if byte[0] < 128:
            break
    return value
