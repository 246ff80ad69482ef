"""A trained segmenter over a folder of photographs: for each a picture of class ids, made once."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from lpg.errors import InputError, one_line
from lpg.files.atomic import replace_atomically
from lpg.jobs.processes import ahead, grouped
from lpg.jobs.provenance import VERSION, file_digest
from lpg.pixels.pictures import read_photograph, read_texts, write_palette_mask
from lpg.segmenter.apply import Segmenter

log = logging.getLogger(__name__)

MAKER = "lpg "  # before the version


class Count(NamedTuple):
    """How many photographs were segmented now, and how many were skipped."""

    made: int
    skipped: int


class Picture(NamedTuple):
    """What is made of a photograph.

    Attributes:
        source: the photograph.
        path: the PNG.
    """

    source: Path
    path: Path


def segment_photographs(
    segmenter: Segmenter,
    pictures: Sequence[Picture],
    *,
    made_by: str,
    upright: bool = True,
    skip_unreadable: bool = False,
    watch: Callable[..., Iterable] = lambda items, what: items,
) -> Count:
    """Write the class of every pixel, in VOC's colours; what the same segmenter has made of the same photograph stays.

    Arguments:
        made_by: what tells the segmenter, and how it is applied, from others; every picture says it.
        upright: segment photographs as EXIF turns them; else as their pixels are stored.
        skip_unreadable: go on without those that cannot be read, with a warning for each.
        watch: passes the pictures through, and shows how far they are.

    Raises:
        InputError: a photograph cannot be read, or a picture that is no segmenter's stands in the place of one.
    """
    arguments = ((one, made_by, upright) for one in watch(pictures, "photographs"))
    skipped: list[InputError] = []
    waiting = _wanted(ahead(_look, arguments), skip_unreadable, skipped)
    made = 0
    for group in grouped(waiting, lambda one: one[2].shape[0] * one[2].shape[1]):
        paths, sources, photographs = zip(*group, strict=True)
        for path, said, labels in zip(paths, sources, segmenter.labels_of(photographs), strict=True):
            with replace_atomically(path) as partial:
                write_palette_mask(partial, labels, said)
            made += 1
    return Count(made, len(skipped))


def _look(picture: Picture, made_by: str, upright: bool) -> tuple | InputError | None:
    """Where a picture goes, what it says, and the photograph's pixels; None if it is there."""
    try:
        source = f"{made_by}; {one_line(picture.source.name)} {file_digest(picture.source)}"
        said = {"Software": f"{MAKER}{VERSION}", "Source": source}
        found = _texts(picture.path) if picture.path.is_file() else None
        if found == said:
            return None
        if found is not None and not found.get("Software", "").startswith(MAKER):
            raise InputError(
                f"{picture.path} is no picture of lpg's, or damaged", "give another folder, or move it away"
            )
        return picture.path, said, read_photograph(picture.source, upright)
    except InputError as error:
        return error


def _texts(path: Path) -> dict[str, str]:
    """What a picture says; nothing if it cannot be read."""
    try:
        return read_texts(path)
    except InputError:
        return {}


def _wanted(looks: Iterable[tuple | InputError | None], skip: bool, skipped: list[InputError]) -> Iterator[tuple]:
    """The looks of which a picture is to be made; what may be skipped is collected."""
    for one in looks:
        if isinstance(one, InputError):
            if not (skip and one.permission == "skip_unreadable"):
                raise one
            log.warning("skipped: %s", one)
            skipped.append(one)
        elif one:
            yield one
