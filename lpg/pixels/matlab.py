"""Arrays, cells, structures of MATLAB's files before 7.3, as SBD and MCG are published; scipy crashes on broken ones.

MathWorks describes the format ("MAT-File Format", level 5): elements of a tag, which says type and bytes, and data; an
array is an element of elements, and may be packed as a whole.
"""

import math
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HEADER, PACKED, ARRAY = 128, 15, 14  # bytes; types of elements
NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}  # types
CELL, STRUCTURE = 1, 2  # classes of arrays
NUMERIC = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}
COMPLEX = 0x800  # a flag
LARGEST, DEEPEST = 1 << 27, 8  # bytes of a packed array; arrays in arrays

Value = np.ndarray | list | dict | None


def read_mat(path: str | Path) -> dict[str, Value]:
    """The variables of a .mat by name: an array; a cell array as the list of its cells, column by column; a structure
    as a dictionary, or a list of them; None of anything else.

    Raises:
        OSError: it cannot be opened.
        ValueError: it is no such file.
    """
    content = memoryview(Path(path).read_bytes())  # what is cut out of it is no copy
    order = {b"IM": "<", b"MI": ">"}.get(bytes(content[HEADER - 2 : HEADER]))
    if order is None or content[HEADER - 4 : HEADER - 2] not in (b"\0\1", b"\1\0"):
        raise ValueError("no file of MATLAB, or one from 7.3 on")
    elements, found = _Elements(content[HEADER:], order), {}
    while elements.content:
        kind, data = elements.next()
        if kind == PACKED:
            kind, data = _Elements(_unpacked(data), order).next()
        if kind == ARRAY:
            name, value = _array(_Elements(data, order), 0)
            found[name] = value
    return found


def _unpacked(packed: memoryview) -> memoryview:
    """What is packed, as far as that is no bomb."""
    try:
        return memoryview(zlib.decompressobj().decompress(packed, LARGEST))
    except zlib.error as error:
        raise ValueError(f"a packed array is broken: {error}") from None


@dataclass
class _Elements:
    """Elements one after another; `next` takes the first."""

    content: memoryview
    order: str  # of bytes

    def next(self) -> tuple[int, memoryview]:
        """The type of an element, and its data. A small one is a word of type and size, and four bytes of data."""
        word, size = self._words(self.content[:8])
        start, small = (4, word >> 16) if word >> 16 else (8, 0)
        kind, size = (word & 0xFFFF, small) if small else (word, size)
        if start + size > len(self.content) or small > 4:
            raise ValueError("it ends in the middle of an element")
        data = self.content[start : start + size]
        self.content = self.content[8 if small else start + size + (-size % 8 if kind != PACKED else 0) :]
        return kind, data

    def numbers(self) -> np.ndarray:
        """The data of an element of numbers."""
        kind, data = self.next()
        if kind not in NUMBERS:
            raise ValueError(f"an element of type {kind}, where numbers are wanted")
        return np.frombuffer(data, dtype=self.order + NUMBERS[kind])

    def _words(self, data: memoryview) -> list[int]:
        if len(data) < 8:
            raise ValueError("it ends in the middle of an element")
        return np.frombuffer(data, dtype=f"{self.order}u4").tolist()


def _array(elements: _Elements, depth: int) -> tuple[str, Value]:
    """The name of an array, which has one if it is in none, and what it holds."""
    if not elements.content:
        return "", np.zeros((0, 0))  # an empty cell
    flags, shape = elements.numbers().tolist(), elements.numbers().tolist()
    name = bytes(elements.next()[1]).decode("ascii")
    count, kind = math.prod(shape), flags[0] & 0xFF
    if depth > DEEPEST or len(shape) < 2 or min(shape) < 0:
        raise ValueError(f"an array of the shape {shape}, {depth} deep")
    if kind == CELL:
        return name, [_inner(elements, depth) for _ in range(count)]
    if kind == STRUCTURE:
        return name, _structures(elements, count, depth)
    if kind not in NUMERIC or flags[0] & COMPLEX:
        return name, None
    values = elements.numbers()
    if len(values) != count:
        raise ValueError(f"an array of the shape {shape} with {len(values)} values")
    return name, values.astype(NUMERIC[kind]).reshape(shape, order="F")


def _structures(elements: _Elements, count: int, depth: int) -> dict[str, Value] | list[dict[str, Value]]:
    length, names = elements.numbers().tolist(), bytes(elements.next()[1])
    if not length or length[0] < 1:
        raise ValueError("a structure whose names have no length")
    fields = [names[at : at + length[0]].split(b"\0")[0].decode("ascii") for at in range(0, len(names), length[0])]
    found = [{field: _inner(elements, depth) for field in fields} for _ in range(count)]
    return found[0] if count == 1 else found


def _inner(elements: _Elements, depth: int) -> Value:
    kind, data = elements.next()
    if kind != ARRAY:
        raise ValueError(f"an element of type {kind}, where an array is wanted")
    return _array(_Elements(data, elements.order), depth + 1)[1]
