"""Where the entries of a file of COCO's layout stand, and the entries themselves, read again from there."""

import json
import os
from array import array
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lpg.annotations.texts import open_annotations
from lpg.errors import InputError


class Places:
    """The first byte of every entry and the one behind its last, in lists by name.

    Arguments:
        path: the file; it must stay as it is, for what is read again is not looked at again.
        sections: the names of its lists.
    """

    def __init__(self, path: Path, sections: Collection[str]) -> None:
        self._path, self._state = path, None
        self._spans = {section: array("q") for section in sections}

    def append(self, section: str, start: int, stop: int) -> None:
        self._spans[section].extend((start, stop))

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """The file, at its start.

        Raises:
            InputError: it cannot be read, or is not what it was when it was opened first.
        """
        with open_annotations(self._path) as file:
            about = os.fstat(file.fileno())
            state = about.st_ino, about.st_size, about.st_mtime_ns
            self._state = self._state or state
            if state != self._state:
                raise self._changed()
            yield file

    def entry(self, file: BinaryIO, section: str, position: int) -> dict:
        """An entry of a list, from the file that is open."""
        start, stop = self._spans[section][2 * position : 2 * position + 2]
        try:
            file.seek(start)
            return json.loads(file.read(stop - start).decode())
        except ValueError:
            raise self._changed() from None

    def _changed(self) -> InputError:
        """The refusal of a file that has changed, without a permission: half the old and half the new is nobody's."""
        return InputError(f"{self._path} was written to while it was read", "start again")
