"""Arrays of different shapes in one dataset of an HDF5 file, and names in one array of bytes.

They lie one after another in a flat, zstd-compressed dataset, with checksums, beside the table of their shapes. That
stays fast at 100,000 images where a dataset per image does not.
"""

import hashlib
import os
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from zlib import crc32

import h5py
import hdf5plugin
import numpy as np

from lpg.files.hdf5 import damaged, iterate_strings, open_file
from lpg.jobs.provenance import CONTENT

CHUNK = 1 << 16  # elements: half a megapixel photograph takes eight reads
CODE = "utf-8", "surrogatepass"  # half a letter, which JSON may hold, is somebody else's to refuse


class RaggedWriter:
    """Appends arrays of `dimensions` dimensions to `<name>/values` (flat) and `<name>/shapes`.

    Call `close` once, after the last append.
    """

    def __init__(self, file: h5py.File, name: str, dtype: str = "uint8", dimensions: int = 2) -> None:
        self._group = file.create_group(name)
        self._values = self._group.create_dataset(
            "values", shape=(0,), maxshape=(None,), dtype=dtype, chunks=(CHUNK,), fletcher32=True,
            **hdf5plugin.Zstd(clevel=3),
        )  # fmt: skip
        self._dimensions = dimensions
        self._shapes = array("q")  # one shape after another
        self._digest = hashlib.blake2b(digest_size=12)

    def __len__(self) -> int:
        return len(self._shapes) // self._dimensions

    def append(self, values: np.ndarray) -> None:
        """Append one array, of the group's number of dimensions."""
        if values.ndim != self._dimensions:
            raise ValueError(f"{self._group.name} holds {self._dimensions}-dimensional arrays, not {values.shape}")
        self.append_flat(np.ascontiguousarray(values, dtype=self._values.dtype).ravel())
        self._shapes.extend(values.shape)

    def append_flat(self, values: np.ndarray) -> None:
        """Append elements of one array or of several, whose shapes are given to `close_with`."""
        if values.size:
            start = len(self._values)
            self._values.resize((start + values.size,))
            self._values[start:] = values
            self._digest.update(values)

    def close(self) -> None:
        self.close_with([np.array(self._shapes, dtype=np.int64).reshape(-1, self._dimensions)], len(self))

    def close_with(self, shapes: Iterable[np.ndarray], count: int) -> None:
        """Write the shapes of all arrays, `count` of them, in blocks of int64 (n, dimensions), and the digest."""
        written, start = self._group.create_dataset("shapes", (count, self._dimensions), dtype=np.int64), 0
        for block in shapes:
            written[start : start + len(block)] = block
            self._digest.update(block)
            start += len(block)
        self._group.attrs[CONTENT] = self._digest.hexdigest()


class Ragged:
    """Reads what `RaggedWriter` wrote: `ragged[i]` is the i-th array, read from disk on demand.

    The file is opened at the first read and again in every process that a fork makes. Reading raises an `InputError`
    where it is damaged.
    """

    def __init__(self, path: str | Path, name: str) -> None:
        self.path, self.name = Path(path), name
        with open_file(path, f"{name}/values", f"{name}/shapes") as file:
            self.shapes = file[name]["shapes"][:]
            self._offsets = np.concatenate([[0], np.cumsum(self.shapes.prod(axis=1))])
            if self.shapes.min(initial=0) < 0 or file[name]["values"].shape != (self._offsets[-1],):
                raise ValueError(f"the shapes of {name} are not those of its values")
        self._values, self._process = None, None

    def __len__(self) -> int:
        return len(self.shapes)

    def __getitem__(self, index: int) -> np.ndarray:
        if self._process != os.getpid():
            self._values, self._process = open_file(self.path)[self.name]["values"], os.getpid()
        start, stop = self._offsets[index], self._offsets[index + 1]
        try:
            return self._values[start:stop].reshape(self.shapes[index])
        except OSError as error:  # a checksum is wrong, the end is missing, or a chunk cannot be unpacked
            raise damaged(self.path, error) from error

    def __getstate__(self) -> dict:
        return {**self.__dict__, "_values": None, "_process": None}


class Names:
    """Texts by position, and positions by text: some bytes more than the letters each, where a dictionary takes 200.

    No text is appended once a position has been asked for.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._bytes, self._ends = bytearray(), array("q", [0])
        for text in texts:
            self.append(text)

    def append(self, text: str) -> None:
        self._bytes += text.encode(*CODE)
        self._ends.append(len(self._bytes))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, position: int) -> str:
        return self._encoded(position).decode(*CODE)

    def _encoded(self, position: int) -> bytearray:
        return self._bytes[self._ends[position] : self._ends[position + 1]]

    def __iter__(self) -> Iterator[str]:
        return map(self.__getitem__, range(len(self)))

    def __contains__(self, text: str) -> bool:
        return self.last(text) is not None

    @cached_property
    def _order(self) -> tuple[np.ndarray, np.ndarray]:
        """Keys of the texts, ascending, and their positions; several texts may share a key."""
        keys = np.fromiter((crc32(self._encoded(place)) for place in range(len(self))), np.uint32, len(self))
        order = np.argsort(keys, kind="stable").astype(np.int32)
        return keys[order], order

    def last(self, text: str) -> int | None:
        """The last position of a text; None if it is not there."""
        keys, order = self._order
        key = np.uint32(crc32(text.encode(*CODE)))
        first, end = (int(np.searchsorted(keys, key, side)) for side in ("left", "right"))
        return max((place for place in order[first:end].tolist() if self[place] == text), default=None)

    def repeated(self) -> list[str]:
        """The texts that stand there twice or more often, each once."""
        keys, order = self._order
        alike = keys[1:] == keys[:-1]
        shared = np.flatnonzero(np.append(alike, False) | np.append(False, alike))
        counts = Counter(self[place] for place in order[shared].tolist())
        return [text for text, count in counts.items() if count > 1]

    def unique(self) -> list[str]:
        """Each text once, in the order in which they come first."""
        return list(dict.fromkeys(self) if self.repeated() else self)


def read_names(path: str | Path) -> Iterator[str]:
    """The names of the photographs that a file is about."""
    with open_file(path, "images/name") as file:
        yield from iterate_strings(file, "images/name")


class Entries:
    """Which entry of which file belongs to a photograph; where two files have the same one, the later counts.

    Arguments:
        names: of the photographs of every file.
    """

    def __init__(self, names: Iterable[Iterable[str]]) -> None:
        self._starts = array("q", [0])
        self.names = Names(name for own in names for name in self._counted(own))

    def _counted(self, names: Iterable[str]) -> Iterator[str]:
        self._starts.append(self._starts[-1])
        for name in names:
            self._starts[-1] += 1
            yield name

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def at(self, position: int) -> tuple[int, int]:
        """The file and the entry at a position among all of them."""
        file = int(np.searchsorted(self._starts, position, "right")) - 1
        return file, position - int(self._starts[file])

    def __getitem__(self, name: str) -> tuple[int, int]:
        """The file and the entry of a photograph.

        Raises:
            KeyError: no file has the photograph.
        """
        position = self.names.last(name)
        if position is None:
            raise KeyError(name)
        return self.at(position)
