"""Objects that wait on disk and not in memory, between passes over as many as there may be."""

import pickle
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from lpg.files.atomic import worded


@contextmanager
def spooled(objects: Iterable, folder: str | Path) -> Iterator[Sequence]:
    """Take objects once, and give them in order as often as one likes; after the block all are gone.

    Arguments:
        objects: what can be pickled; the file has no name, so that nobody else can write to it.
        folder: on whose disk they wait.
    """
    with worded(Path(folder)):
        Path(folder).mkdir(parents=True, exist_ok=True)
        file = TemporaryFile(dir=folder)  # noqa: SIM115 - the block below has another wording of what goes wrong
    try:
        yield _Spool(file, objects, Path(folder))
    finally:
        with worded(Path(folder)):  # closing writes what waits
            file.close()


class _Spool(Sequence):
    def __init__(self, file: BinaryIO, objects: Iterable, folder: Path) -> None:
        self._file, self._ends = file, array("q", [0])
        for one in objects:
            with worded(folder):  # the disk it is written to, and nothing that the objects are made from
                self._ends.append(self._ends[-1] + file.write(pickle.dumps(one)))
        with worded(folder):
            file.flush()

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, position: int) -> Any:
        if not 0 <= position < len(self):
            raise IndexError(position)
        start, stop = self._ends[position : position + 2]
        self._file.seek(start)
        return pickle.loads(self._file.read(stop - start))
