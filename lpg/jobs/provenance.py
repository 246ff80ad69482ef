"""What made a file: code, settings and inputs, as digests. No torch here: the plan reads this."""

import hashlib
import io
import json
import pickle
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import ClassVar

VERSION = "0.2.0"
RELEASED = "2026-11-26"  # the day of this version, as CITATION.cff has it
PACKAGE = Path(__file__).parents[1]
CONTENT = "content_digest"  # where an HDF5 file or a checkpoint of ours keeps the digest of what it holds
INGREDIENTS = "ingredients_digest"  # likewise, of what it is made of
# What a checkpoint may ask for by a few bytes: a memory of any size, and objects that somebody has registered.
REFUSED = (pickle.BYTEARRAY8, pickle.EXT1, pickle.EXT2, pickle.EXT4)


def text_digest(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=12).hexdigest()


def settings_digest(settings: dict) -> str:
    """The digest of settings, the same for equal ones, in whatever order they were written."""
    return text_digest(json.dumps(settings, sort_keys=True))


def file_digest(path: str | Path) -> str:
    """The digest of the bytes of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=12)).hexdigest()


def content_digest(path: str | Path) -> str:
    """The digest of what a file holds: the one that a file of ours keeps, whatever made it, else that of its bytes."""
    return folder_digest(path) if Path(path).is_dir() else kept_digest(path) or file_digest(path)


def folder_digest(path: str | Path) -> str:
    """The digest of the names and sizes of a folder's files; its pictures may be many, and are written together."""
    files = sorted(one for one in Path(path).rglob("*") if one.is_file())
    return text_digest(*(f"{one.relative_to(path)} {one.stat().st_size}" for one in files))


def kept_digest(path: str | Path) -> str:
    """The digest of its content that an HDF5 file or a checkpoint of ours keeps; empty for others."""
    match Path(path).suffix:
        case ".h5":
            import h5py  # not for planning

            with h5py.File(path, "r", locking=False) as file:
                return str(file.attrs[CONTENT])
        case ".pt":
            return _digest_of_checkpoint(path)
    return ""


def checkpoint_without_weights(path: str | Path) -> object:
    """All that a checkpoint holds but its weights, which are not read, and are None.

    Read without torch, which takes a second to import. Nothing that the file names is run, and it takes no more memory
    than its bytes are worth.

    Raises: whatever the bytes of a damaged file, or of one of another kind, lead to.
    """
    with zipfile.ZipFile(path) as file:
        said = next(one for one in file.infolist() if one.filename.endswith("data.pkl"))
        if said.compress_type != zipfile.ZIP_STORED:  # torch packs nothing; what is packed may be a bomb
            raise ValueError("its content is compressed")
        return _Plain(io.BytesIO(file.read(said))).load()


class _Plain(pickle._Unpickler):
    """Reads plain values; what torch would make of a tensor is None.

    It is the reader written in Python: that in C has a memory as long as the largest number a file gives to an object.
    """

    dispatch: ClassVar = {
        code: read for code, read in pickle._Unpickler.dispatch.items() if bytes([code]) not in REFUSED
    }

    def find_class(self, module: str, name: str) -> Callable:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module.partition(".")[0] == "torch":
            return lambda *parts: None
        raise pickle.UnpicklingError(f"{module}.{name} is no plain value")

    def persistent_load(self, place: object) -> None:
        """None for a tensor; `place` says where its numbers are."""


def _digest_of_checkpoint(path: str | Path) -> str:
    try:
        digest = checkpoint_without_weights(path)["provenance"][CONTENT]
    except Exception:  # another's weights, or damaged: who reads them says so
        return ""
    return digest if isinstance(digest, str) else ""


def check_sums(path: str | Path) -> None:
    """Read a checkpoint through: torch writes a checksum of every tensor, and reads none.

    Raises:
        ValueError: one is wrong, or the file is no archive any more.
    """
    if not zipfile.is_zipfile(path):  # what old versions of torch have written
        return
    try:
        with zipfile.ZipFile(path) as file:
            damaged = file.testzip()
    except (zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"it cannot be unpacked ({error})") from None
    if damaged:
        raise ValueError(f"the checksum of {damaged} in it is wrong")


def describe(*, rule: str, settings: dict, code: str, inputs: Iterable[str | Path]) -> dict:
    """What goes into the attributes of every file: everything that its content depends on."""
    return {
        "lpg_version": VERSION,
        "rule": rule,
        "settings": json.dumps(settings, sort_keys=True),
        "settings_digest": settings_digest(settings),
        "code_digest": code,
        "input_digests": {shown(path): content_digest(path) for path in inputs},
    }


def shown(path: str | Path) -> str:
    """A path as files may name it: as it was given, and inside the package from there, wherever that is installed."""
    path = Path(path)
    return str(path.relative_to(PACKAGE.parent) if path.is_relative_to(PACKAGE) else path)


def said_briefly(provenance: dict) -> dict[str, str]:
    """What made a file, by PNG's keywords: `Software` with version and commit, `Source` with digests."""
    if not provenance:
        return {}
    software = f"lpg {provenance['lpg_version']} {provenance.get('commit', '')}".strip()
    return {"Software": software, "Source": "; ".join(map(" ".join, provenance["input_digests"].items()))}


def ingredients_digest(provenance: dict, roles: Mapping[str, Sequence[str]] | None = None) -> str:
    """The digest of settings, code, the contents of the inputs, and torch: trainings of equal ingredients are one.

    A training state must share it to be resumed, a finished network to be kept. Where inputs lie is no part of it, and
    in which role and order they are given is: class table and batches go by the order of the datasets.

    Arguments:
        roles: the inputs, as the provenance names them, by what they are to the job; by default all are alike.
    """
    digests = provenance["input_digests"]
    given = {"": digests} if roles is None else roles
    contents = [f"{role} {digests[path]}" for role, paths in given.items() for path in paths]
    torch_version = metadata.version("torch")
    return text_digest(provenance["settings_digest"], provenance["code_digest"], torch_version, *contents)
