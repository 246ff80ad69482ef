"""COCO's JSON entry by entry, as much of it in memory as one needs: as objects the whole takes gigabytes."""

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Collection, Iterator
from typing import Any, BinaryIO, NamedTuple

from lpg.errors import InputError

BLOCK = 1 << 16  # bytes
BLANKS = re.compile(r"[ \t\n\r]*")
MARK = b"\xef\xbb\xbf"  # of byte order
UNFINISHED = (*"0123456789.eE+-", "")  # what may stand behind a part of a number
LITERAL = 16  # characters: no word or escape of JSON is longer
DECODER = json.JSONDecoder()


class Entry(NamedTuple):
    """An entry of a list: the key of the list in its object, its value, and the bytes of the file in which it is."""

    key: str
    value: Any
    start: int
    stop: int


def read_lists(file: BinaryIO, keys: Collection[str]) -> Iterator[Entry]:
    """Every entry of the lists under `keys` of the object that a file holds, in the file's order.

    Arguments:
        file: open at its start.

    Raises:
        InputError: it is no JSON, no object, has something else than one list under each of the keys.
    """
    window, seen = _Window(file), set()
    try:
        for key in _keys(window):
            if key not in keys:
                window.value()
                continue
            if key in seen:
                raise InputError(f"{file.name} has '{key}' twice", "make one list of both")
            seen.add(key)
            yield from _entries(window, key)
        if window.next():
            raise window.error("Extra data")
    except InputError:
        raise
    except UnicodeDecodeError as error:
        fault = f"{file.name} is not UTF-8 ({error.reason} at byte {error.start})"
        raise InputError(fault, "save it as UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file.name} is not valid JSON ({error})", "mend or restore the file") from None
    for key in keys:
        if key not in seen:
            raise InputError(f"{file.name} has no '{key}': a COCO instances file has {', '.join(keys)}")


def top_keys(file: BinaryIO) -> Iterator[str]:
    """The keys of the object that a file holds, in the file's order; of a list, one entry at a time is in memory.

    Arguments:
        file: open at its start.

    Raises:
        InputError: it is no object.
        ValueError, RecursionError: it is no JSON.
    """
    window = _Window(file)
    for key in _keys(window):
        yield key
        if window.next() == "[":
            for _ in _separated(window, "[", "]"):
                window.value()
        else:
            window.value()


def _keys(window: "_Window") -> Iterator[str]:
    """The keys of the object; after each, its value is what the window reads next."""
    if window.next() != "{":
        window.value()
        raise InputError(f"{window.name} holds no object", "a COCO instances file has images, annotations, categories")
    for _ in _separated(window, "{", "}"):
        if window.next() != '"':
            raise window.error("Expecting property name enclosed in double quotes")
        key = window.value()[0]
        window.take(":")
        yield key


def _entries(window: "_Window", key: str) -> Iterator[Entry]:
    if window.next() != "[":
        window.value()
        raise InputError(
            f"{window.name}: '{key}' is no list", "COCO's instances are lists of images, annotations, categories"
        )
    for _ in _separated(window, "[", "]"):
        yield Entry(key, *window.value())


def _separated(window: "_Window", first: str, last: str) -> Iterator[None]:
    """Yield before every part of a list or an object, which the caller then takes."""
    window.take(first)
    if window.next() == last:
        window.take(last)
        return
    yield
    while window.take("," + last) != last:
        yield


class _Window:
    """The part of the file that is being read."""

    def __init__(self, file: BinaryIO) -> None:
        self.name, self._file = file.name, file
        self._decoder = getincrementaldecoder("utf-8")()
        self._text, self._at, self._ended = "", 0, False
        self._byte = file.seek(len(MARK) if file.read(len(MARK)) == MARK else 0)  # of what is read next
        self._chars = self._lines = self._column = 0  # before the text

    def next(self) -> str:
        """The next character that is not blank, which is not taken yet; none at the end of the file."""
        while True:
            self._to(BLANKS.match(self._text, self._at).end())
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def take(self, allowed: str) -> str:
        """The next character that is not blank, one of `allowed`."""
        found = self.next()
        if not found or found not in allowed:
            raise self.error(f"Expecting '{allowed[0]}' delimiter")
        self._to(self._at + 1)
        return found

    def value(self) -> tuple[Any, int, int]:
        """A value of any kind, and its bytes: from where to where."""
        self.next()
        while True:
            try:
                value, stop = DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not (self._may_end_early(error) and self._more()):
                    raise self.error(error.msg, error.pos) from None
            else:
                if self._text[stop : stop + 1] not in UNFINISHED or not self._more():
                    break
        start = self._byte
        self._to(stop)
        return value, start, self._byte

    def _may_end_early(self, error: json.JSONDecodeError) -> bool:
        """Whether the text is wrong because it is not all there."""
        return error.msg.startswith("Unterminated string") or error.pos >= len(self._text) - LITERAL

    def error(self, message: str, at: int | None = None) -> ValueError:
        """The error as the json module words it, with its place in the whole file."""
        at = self._at if at is None else at
        lines, column = self._place(at)
        return ValueError(f"{message}: line {lines + 1} column {column + 1} (char {self._chars + at})")

    def _place(self, at: int) -> tuple[int, int]:
        lines = self._text.count("\n", 0, at)
        column = at - self._text.rindex("\n", 0, at) - 1 if lines else self._column + at
        return self._lines + lines, column

    def _to(self, at: int) -> None:
        read = at - self._at if self._text.isascii() else len(self._text[self._at : at].encode())
        self._byte, self._at = self._byte + read, at

    def _more(self) -> bool:
        """Read on, twice as far wherever that was not enough; false at the end of the file."""
        if self._ended:
            return False
        (self._lines, self._column), left = self._place(self._at), self._text[self._at :]
        self._chars, self._at = self._chars + self._at, 0
        place, pending = self._file.tell(), len(self._decoder.getstate()[0])
        block = self._file.read(max(BLOCK, len(left)))
        self._ended = not block
        try:
            self._text = left + self._decoder.decode(block, final=self._ended)
        except UnicodeDecodeError as error:
            error.start += place - pending
            raise
        return True
