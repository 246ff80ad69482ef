"""HDF5 as this project writes it: atomic, self-describing, open to any number of readers."""

import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import h5py
import numpy as np

from lpg.errors import InputError
from lpg.files.atomic import replace_atomically
from lpg.jobs.provenance import CONTENT, INGREDIENTS

log = logging.getLogger(__name__)

CACHE = 1 << 18  # bytes for each array that is open, four chunks: it is read and written in order
BLOCK = 1024  # texts, or rows of an array, in memory at once
PLACES = 1 << 18  # bytes for where things lie in an open file; where texts lie takes four times as much in truth
# Who sets HDF5_USE_FILE_LOCKING gets locks in spite of us; nothing is wrong with a file then.
UNLOCKED = "its disk has no locks, and the file may be good: set HDF5_USE_FILE_LOCKING=FALSE in the environment"


# What reading raises where a file holds something else than it should, or its bytes are damaged.
BROKEN = (OSError, AttributeError, LookupError, TypeError, ValueError, RuntimeError, MemoryError)


class ReadFile(h5py.File):
    """A file open for reading: what a `with` block over it stumbles over is said in a sentence, as the file's fault."""

    def __exit__(self, kind, error, trace) -> None:
        path = self.filename
        super().__exit__(kind, error, trace)
        if isinstance(error, BROKEN) and not isinstance(error, InputError):
            raise damaged(path, error) from error


def damaged(path: str | Path, error: Exception) -> InputError:
    """The refusal of a file that cannot be what it is taken for."""
    reason = str(error) or type(error).__name__
    return InputError(
        f"{path} is damaged, or no file of lpg ({reason})", "restore it, or move it away and make it again"
    )


@contextmanager
def create_file(path: str | Path, classes: Sequence[str], provenance: dict | None = None) -> Iterator[h5py.File]:
    """Open a new HDF5 file, described by its class table (background first), by what made it and by its content."""
    with replace_atomically(path) as partial, _new_file(partial) as file:
        file.attrs["classes"] = json.dumps(list(classes))
        for key, value in (provenance or {}).items():
            file.attrs[key] = value if isinstance(value, (str, int, float)) else json.dumps(value, sort_keys=True)
        try:
            yield file
            file.attrs[CONTENT] = _content_digest(file)
            file.flush()
        except BaseException:
            _let_go(file)
            raise


def stands(path: str | Path, ingredients: str, unchanged: Callable[[], bool]) -> bool:
    """Whether a file is there and was made of the same settings, code and contents of inputs as it would be now.

    Then an input was made again and came out as before, and nothing is to be done. The file's time is set to now, so
    that it counts as made after its inputs.

    Arguments:
        ingredients: the digest of them all, see `lpg.jobs.job.Job`.
        unchanged: whether what no input shows is as it was, such as the photographs; asked last.
    """
    path = Path(path)
    if not (ingredients and path.is_file()):
        return False
    try:
        with open_file(path) as file:
            same = file.attrs.get(INGREDIENTS) == ingredients
    except InputError as error:
        log.warning("%s: it is made again", error.fault)
        return False
    if not (same and unchanged()):
        return False
    path.touch()
    log.info("%s stays: settings, code, the contents of the inputs and the photographs are as before", path)
    return True


def _new_file(path: Path) -> h5py.File:
    try:
        file = h5py.File(path, "w", locking=False, rdcc_nbytes=CACHE)
    except OSError as error:
        if "unable to lock file" in str(error):
            raise InputError(f"{path} cannot be written ({error})", UNLOCKED) from None
        raise
    _remember_little(file)
    return file


def _let_go(file: h5py.File) -> None:
    """Send what HDF5 2.0 still holds nowhere: where a full disk does not take it, the process crashes."""
    if hasattr(os, "memfd_create"):
        nowhere = os.memfd_create("nowhere")
        os.dup2(nowhere, file.id.get_vfd_handle())
        os.close(nowhere)


def _content_digest(file: h5py.File) -> str:
    """The digest of the class table and of every dataset, not of what made them; flat arrays have theirs (`ragged`)."""
    digest = hashlib.blake2b(file.attrs["classes"].encode(), digest_size=12)

    def add(name: str, node: h5py.Group | h5py.Dataset) -> None:
        if isinstance(node, h5py.Dataset) and CONTENT in node.parent.attrs and name.endswith(("/values", "/shapes")):
            return
        digest.update(name.encode() + b"\0")
        for content in _contents(node):
            digest.update(content)
        digest.update(b"\0")

    file.visititems(add)
    return digest.hexdigest()


def _contents(node: h5py.Group | h5py.Dataset) -> Iterator[bytes]:
    if isinstance(node, h5py.Group):
        yield node.attrs.get(CONTENT, "").encode()
        return
    yield f"{node.dtype} {node.shape}".encode()
    if not h5py.check_string_dtype(node.dtype):
        yield from (node[start : start + BLOCK].tobytes() for start in range(0, len(node), BLOCK))
        return
    for number, text in enumerate(iterate_strings(node.parent, node.name)):
        yield f"\0{text}".encode() if number else text.encode()


def open_file(path: str | Path, *needed: str) -> h5py.File:
    """Open a file for reading and check that it holds the datasets `needed`.

    It is opened without a lock, for not every file system has them, and no file is changed once it is there.

    Raises:
        InputError: the file is missing, is not HDF5, or holds something else.
    """
    try:
        file = ReadFile(path, "r", locking=False, rdcc_nbytes=CACHE)
    except FileNotFoundError:
        raise InputError(f"{path} does not exist", "make it first") from None
    except PermissionError:
        raise InputError(f"{path} may not be read", "give this user the right to read it") from None
    except OSError as error:
        remedy = UNLOCKED if "unable to lock file" in str(error) else "restore it, or move it away and make it again"
        raise InputError(f"{path} cannot be read as HDF5 ({error})", remedy) from None
    try:
        _check_holds(file, needed)
        _remember_little(file)
    except InputError:
        file.close()
        raise
    return file


def _check_holds(file: h5py.File, needed: Iterable[str]) -> None:
    try:
        lacking = [name for name in needed if name not in file]
    except BROKEN as error:
        raise damaged(file.filename, error) from error
    if lacking:
        raise InputError(f"{file.filename} has no '{lacking[0]}'", "it was not made by the step that is expected here")


def _remember_little(file: h5py.File) -> None:
    """Keep HDF5 from remembering up to 32 MB of where things lie in a file, which is read once and in order."""
    memory = file.id.get_mdc_config()
    memory.set_initial_size, memory.initial_size, memory.min_size, memory.max_size = True, PLACES, PLACES, PLACES
    file.id.set_mdc_config(memory)


def several(paths: str | Path | Iterable[str | Path]) -> list[str | Path]:
    """A list of paths, of which one may be given by itself."""
    return [paths] if isinstance(paths, str | Path) else list(paths)


def class_table(file: h5py.File) -> tuple[str, ...]:
    """The names of the classes, index = class id, background first."""
    names = json.loads(file.attrs["classes"])
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise ValueError("its classes are no list of names")
    return tuple(names)


def write_strings(group: h5py.Group, name: str, values: Iterable[str], count: int | None = None) -> None:
    """Write texts, a thousand at a time; `count` of them, where `values` has no length."""
    count, values = len(values) if count is None else count, iter(values)
    texts = group.create_dataset(name, shape=(count,), dtype=h5py.string_dtype())
    for start in range(0, count, BLOCK):
        texts[start : start + BLOCK] = np.array(list(islice(values, BLOCK)), dtype=object)


def iterate_strings(file: h5py.File, name: str) -> Iterator[str]:
    """The texts of a dataset, one after another; a thousand at a time are in memory."""
    texts = file[name].asstr()
    for start in range(0, len(texts), BLOCK):
        yield from texts[start : start + BLOCK]


def read_strings(file: h5py.File, name: str) -> list[str]:
    """The texts of a dataset, all of them in memory."""
    return list(iterate_strings(file, name))


def write_ids(group: h5py.Group, name: str, ids: Iterable[int | str], count: int | None = None) -> None:
    """Write the ids of an annotation, numbers or text, each as JSON; `count` as for `write_strings`."""
    write_strings(group, name, map(json.dumps, ids), len(ids) if count is None else count)


def write_offsets(file: h5py.File, group: str, counts: Sequence[int]) -> None:
    """Write `<group>/offset`, int64 (images + 1,): image i has entries `offset[i]` to `offset[i + 1]` of the group."""
    file[f"{group}/offset"] = np.cumsum(np.concatenate([[0], counts]), dtype=np.int64)


def read_offsets(file: h5py.File, group: str) -> np.ndarray:
    """The offsets of `write_offsets`, int64 (images + 1,): image i has the entries `offset[i]` to `offset[i + 1]`.

    Raises:
        ValueError: they do not ascend from 0.
    """
    offsets = file[f"{group}/offset"][:]
    if not len(offsets) or offsets[0] != 0 or (np.diff(offsets) < 0).any():
        raise ValueError(f"{group}/offset does not ascend from 0")
    return offsets
