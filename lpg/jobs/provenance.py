"""What made a file: code, settings and inputs, as digests. No torch here: the plan reads this."""

import hashlib
import json
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

VERSION = "0.1.0"
CONTENT = "content_digest"  # the attribute in which an HDF5 file of ours keeps the digest of what it holds


def text_digest(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=12).hexdigest()


def settings_digest(settings: dict) -> str:
    """The same for equal settings, in whatever order they were written."""
    return text_digest(json.dumps(settings, sort_keys=True))


def file_digest(path: str | Path) -> str:
    """Of the bytes of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=12)).hexdigest()


def content_digest(path: str | Path) -> str:
    """Of what a file holds: of an HDF5 file of ours its arrays and class table, whatever made them, else its bytes."""
    if Path(path).suffix == ".h5":
        import h5py  # not for planning

        with h5py.File(path, "r", locking=False) as file:
            return str(file.attrs[CONTENT])
    return file_digest(path)


def describe(*, rule: str, settings: dict, code: str, inputs: Iterable[str | Path]) -> dict:
    """What goes into the attributes of every file: everything that its content depends on."""
    return {
        "lpg_version": VERSION,
        "rule": rule,
        "settings": json.dumps(settings, sort_keys=True),
        "settings_digest": settings_digest(settings),
        "code_digest": code,
        "input_digests": {str(path): content_digest(path) for path in inputs},
    }


def ingredients_digest(provenance: dict) -> str:
    """Of settings, code, the contents of the inputs, and torch: two trainings of equal ingredients are one.

    A training state must share it to be resumed, a finished network to be kept.
    """
    contents = sorted(provenance["input_digests"].values())
    torch_version = metadata.version("torch")
    return text_digest(provenance["settings_digest"], provenance["code_digest"], torch_version, *contents)
