"""Photographs that a run is scored on and has learned, under another dataset's name: such a score is no test's."""

import logging
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from lpg.files.hdf5 import open_file, read_strings

log = logging.getLogger(__name__)


def tell_known(run: str, *, learned: Iterable[str | Path], evaluated: Iterable[str | Path]) -> None:
    """Warn of every dataset that a run is scored on if it has photographs, byte by byte, of those that are learned.

    Arguments:
        learned, evaluated: `boxes.h5` of datasets; one that is in both is meant to be.
    """
    learned = set(map(str, learned))
    known = set(chain.from_iterable(map(_digests, learned)))
    for path in map(str, evaluated):
        digests = _digests(path)
        shared = sum(digest in known for digest in digests)
        if shared and path not in learned:
            log.warning(
                "runs.%s.evaluate: %d of the %d photographs of %s are learned too, in another dataset: scores on them "
                "are no test of what was learned",
                run, shared, len(digests), Path(path).parent.name,
            )  # fmt: skip


def _digests(path: str) -> list[str]:
    with open_file(path, "images/digest") as file:
        return read_strings(file, "images/digest")
