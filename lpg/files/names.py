"""Many texts in one array of bytes: names of photographs, ids of annotations."""

from array import array
from collections.abc import Iterable, Iterator
from functools import cached_property
from zlib import crc32

import numpy as np

CODE = "utf-8", "surrogatepass"  # half a letter, which JSON may hold, is somebody else's to refuse


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
        """Where it stands for the last time."""
        keys, order = self._order
        key = np.uint32(crc32(text.encode(*CODE)))
        first, end = (int(np.searchsorted(keys, key, side)) for side in ("left", "right"))
        return max((place for place in order[first:end].tolist() if self[place] == text), default=None)

    def repeated(self) -> list[str]:
        """Those that stand there twice or more often, each once."""
        keys, order = self._order
        alike = np.flatnonzero(keys[1:] == keys[:-1])
        return list(dict.fromkeys(self[place] for place in order[alike].tolist() if self.last(self[place]) != place))

    def unique(self) -> list[str]:
        """Each text once, in the order in which they come first."""
        return list(dict.fromkeys(self) if self.repeated() else self)
