"""HDF5 as this project writes it: atomic, self-describing, one array per photograph in a flat dataset.

A file is written to `<name>.partial` by one process and renamed over its target when it is whole, so no reader ever
sees half a file. Arrays of different shapes lie one after another in a flat, zstd-compressed dataset beside the table
of their shapes (`Ragged`), which stays fast at 100,000 images where a dataset per image does not.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import h5py
import hdf5plugin
import numpy as np

from lpg.errors import InputError

CHUNK = 1 << 16  # elements: half a megapixel photograph takes eight reads


@contextmanager
def replace_atomically(path: str | Path) -> Iterator[Path]:
    """Give the `.partial` path to write to; rename it over `path` if the block ends well, remove it if not."""
    path = Path(path)
    partial = path.with_name(path.name + ".partial")
    partial.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def create_file(path: str | Path, classes: Sequence[str], provenance: dict | None = None) -> Iterator[h5py.File]:
    """Open a new HDF5 file, described by its class table (background first) and by what made it."""
    with replace_atomically(path) as partial, h5py.File(partial, "w") as file:
        file.attrs["classes"] = json.dumps(list(classes))
        for key, value in (provenance or {}).items():
            file.attrs[key] = value if isinstance(value, (str, int, float)) else json.dumps(value, sort_keys=True)
        yield file


def open_file(path: str | Path, *needed: str) -> h5py.File:
    """Open a file for reading and check that it holds the datasets `needed`.

    Raises:
        InputError: the file is missing, is not HDF5, or holds something else.
    """
    try:
        file = h5py.File(path, "r")
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; let Snakemake make it: snakemake --cores all {path}") from None
    except OSError as error:
        raise InputError(f"{path} is not a readable HDF5 file ({error}); delete it and run again") from None
    for name in needed:
        if name not in file:
            raise InputError(f"{path} has no '{name}': it was not made by the step that is expected here")
    return file


def class_table(file: h5py.File) -> tuple[str, ...]:
    """The names of the classes, index = class id, background first."""
    return tuple(json.loads(file.attrs["classes"]))


def write_strings(group: h5py.Group, name: str, values: Sequence[str]) -> None:
    group.create_dataset(name, data=np.array(values, dtype=object), dtype=h5py.string_dtype())


def read_strings(file: h5py.File, name: str) -> list[str]:
    return list(file[name].asstr()[:])


class RaggedWriter:
    """Appends arrays of `dimensions` dimensions to `<name>/values` (flat) and `<name>/shapes`.

    Call `close` once, after the last append.
    """

    def __init__(self, file: h5py.File, name: str, dtype: str = "uint8", dimensions: int = 2) -> None:
        self._group = file.create_group(name)
        self._values = self._group.create_dataset(
            "values", shape=(0,), maxshape=(None,), dtype=dtype, chunks=(CHUNK,), **hdf5plugin.Zstd(clevel=3)
        )
        self._dimensions = dimensions
        self._shapes: list[tuple[int, ...]] = []

    def append(self, array: np.ndarray) -> None:
        if array.ndim != self._dimensions:
            raise ValueError(f"{self._group.name} holds {self._dimensions}-dimensional arrays, not {array.shape}")
        start = self._values.shape[0]
        self._values.resize((start + array.size,))
        if array.size:
            self._values[start:] = array.ravel()
        self._shapes.append(array.shape)

    def close(self) -> None:
        shapes = np.array(self._shapes, dtype=np.int64).reshape(-1, self._dimensions)
        self._group.create_dataset("shapes", data=shapes)


class Ragged:
    """Reads what `RaggedWriter` wrote: `ragged[i]` is the i-th array, read from disk on demand.

    The file is opened at the first read and again in every process that a fork makes.
    """

    def __init__(self, path: str | Path, name: str) -> None:
        self.path, self.name = Path(path), name
        with open_file(path, f"{name}/values", f"{name}/shapes") as file:
            self.shapes = file[name]["shapes"][:]
        self._offsets = np.concatenate([[0], np.cumsum(self.shapes.prod(axis=1))])
        self._values, self._process = None, None

    def __len__(self) -> int:
        return len(self.shapes)

    def __getitem__(self, index: int) -> np.ndarray:
        if self._process != os.getpid():
            self._values, self._process = h5py.File(self.path, "r")[self.name]["values"], os.getpid()
        start, stop = self._offsets[index], self._offsets[index + 1]
        return self._values[start:stop].reshape(self.shapes[index])

    def __getstate__(self) -> dict:
        return {**self.__dict__, "_values": None, "_process": None}
