"""Arrays of different shapes in one dataset of an HDF5 file.

They lie one after another in a flat, zstd-compressed dataset beside the table of their shapes, which stays fast at
100,000 images where a dataset per image does not.
"""

import hashlib
import os
from array import array
from pathlib import Path

import h5py
import hdf5plugin
import numpy as np

from lpg.files.hdf5 import open_file
from lpg.jobs.provenance import CONTENT

CHUNK = 1 << 16  # elements: half a megapixel photograph takes eight reads
BLOCK = 16  # chunks that are copied at once


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
        self._shapes = array("q")  # one shape after another
        self._digest = hashlib.blake2b(digest_size=12)

    def __len__(self) -> int:
        return len(self._shapes) // self._dimensions

    def append(self, values: np.ndarray) -> None:
        if values.ndim != self._dimensions:
            raise ValueError(f"{self._group.name} holds {self._dimensions}-dimensional arrays, not {values.shape}")
        self._write(np.ascontiguousarray(values, dtype=self._values.dtype).ravel())
        self._shapes.extend(values.shape)

    def append_all(self, group: h5py.Group) -> None:
        """All arrays of a group that another writer has written, some chunks at a time."""
        values, step = group["values"], BLOCK * CHUNK
        for start in range(0, len(values), step):
            self._write(values[start : start + step])
        self._shapes.extend(group["shapes"][:].ravel().tolist())

    def _write(self, flat: np.ndarray) -> None:
        if flat.size:
            start = len(self._values)
            self._values.resize((start + flat.size,))
            self._values[start:] = flat
            self._digest.update(flat)

    def close(self) -> None:
        shapes = np.array(self._shapes, dtype=np.int64).reshape(-1, self._dimensions)
        self._group.create_dataset("shapes", data=shapes)
        self._digest.update(shapes)
        self._group.attrs[CONTENT] = self._digest.hexdigest()


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
            self._values, self._process = open_file(self.path)[self.name]["values"], os.getpid()
        start, stop = self._offsets[index], self._offsets[index + 1]
        return self._values[start:stop].reshape(self.shapes[index])

    def __getstate__(self) -> dict:
        return {**self.__dict__, "_values": None, "_process": None}
