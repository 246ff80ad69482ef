"""Photographs that were moved are the same photographs: what was learned from them is not learned again."""

import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import h5py
import numpy as np

from lpg.errors import InputError
from lpg.files.hdf5 import BLOCK, BROKEN, open_file
from lpg.jobs.provenance import CONTENT

log = logging.getLogger(__name__)

PLACES = "images/path"


@contextmanager
def moved_or_changed(path: str | Path) -> Iterator[None]:
    """Keep the digest of a `boxes.h5` that the block writes anew, if nothing but the places of the photographs changes.

    Both files know the bytes of the photographs. By the digest of the content others tell whether they were made of it.
    """
    with ExitStack() as stack:
        before = None
        with suppress(InputError):  # there is none, or it is damaged
            before = stack.enter_context(open_file(path, PLACES, "images/digest"))
        yield
        if before is None or CONTENT not in before.attrs:
            return
        moved = False
        with open_file(path) as after, suppress(*BROKEN):  # of the old one, which is gone
            moved = before.attrs[CONTENT] != after.attrs[CONTENT] and _same(before, after)
        if moved:
            with h5py.File(path, "r+", locking=False) as file:
                file.attrs[CONTENT] = before.attrs[CONTENT]
            log.info("%s: the photographs lie elsewhere and are the same", path)


def _same(before: h5py.File, after: h5py.File) -> bool:
    """Whether two files have the same classes and arrays, but for places."""
    names = _arrays(before)
    return (
        json.loads(before.attrs["classes"]) == json.loads(after.attrs["classes"])
        and names == _arrays(after)
        and all(_equal(before[name], after[name]) for name in names)
    )


def _arrays(file: h5py.File) -> list[str]:
    found: list[str] = []
    file.visititems(lambda name, node: found.append(name) if isinstance(node, h5py.Dataset) else None)
    return [name for name in found if name != PLACES]


def _equal(one: h5py.Dataset, other: h5py.Dataset) -> bool:
    if (one.shape, one.dtype) != (other.shape, other.dtype):
        return False
    starts = range(0, len(one), BLOCK)
    return all(np.array_equal(one[start : start + BLOCK], other[start : start + BLOCK]) for start in starts)
