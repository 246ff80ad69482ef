"""A photograph of a dataset, looked at: what its annotation and its file say, or what is wrong with one of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from os.path import isfile, realpath
from pathlib import Path

from lpg.annotations.orientation import Pixels
from lpg.annotations.reader import Reader
from lpg.annotations.texts import unreadable
from lpg.errors import UNPRINTABLE, InputError
from lpg.files.ragged import Names
from lpg.jobs.provenance import file_digest
from lpg.photograph import Photograph
from lpg.pixels.pictures import check_photograph


@dataclass(frozen=True)
class Look:
    """A photograph with its annotation, what its file says of its pixels, and the digest of its bytes."""

    photograph: Photograph
    pixels: Pixels
    digest: str


def digested(looks: Iterable[Look | InputError], digests: Names) -> Iterator[tuple[Photograph, Pixels] | InputError]:
    """What is found, photograph by photograph, its digest noted; an empty digest for what cannot be read."""
    for look in looks:
        digests.append("" if isinstance(look, InputError) else look.digest)
        yield look if isinstance(look, InputError) else (look.photograph, look.pixels)


def look(reader: Reader, name: str, home: Path | None) -> Look | InputError:
    """A photograph, or what is wrong with its annotation or its file."""
    try:
        photograph = reader.record(name)
        _check_place(photograph, home)
        if not len(photograph.boxes) and not isfile(photograph.path):  # without a box it is left out in any case
            return Look(photograph, Pixels(photograph.height, photograph.width), "")
        pixels = Pixels(*check_photograph(photograph.path))
        return Look(photograph, pixels, file_digest(photograph.path))
    except InputError as error:
        return error


def _check_place(photograph: Photograph, home: Path | None) -> None:
    """Refuse a name that no list can hold, and a file outside of `home`: whoever packs a dataset may link anywhere."""
    source, path = photograph.source, str(photograph.path)
    if UNPRINTABLE.search(photograph.name) or not _is_text(photograph.path.name):
        raise unreadable(f"{source}: the name '{photograph.name}' is no line of text in UTF-8", f"rename {path}")
    if not _is_text(path):
        raise InputError(f"the folder of the photographs {photograph.path.parent} has no name in UTF-8", "rename it")
    if home:
        check_inside(path, home)


def _is_text(name: str) -> bool:
    """Whether a name can be written as UTF-8: of what cannot, Python keeps the bytes as halves of letters."""
    return name.encode(errors="ignore").decode() == name


def check_inside(path: str | Path, home: Path) -> None:
    """Refuse a photograph that is, or lies behind, a link out of the folder of the photographs.

    Raises:
        InputError: it is one; `follow_links` permits it.
    """
    if not Path(realpath(path)).is_relative_to(realpath(home)):
        raise InputError(
            f"{path} is, or lies behind, a link that leads out of {home}, to {realpath(path)}",
            "put the photograph itself there, or make the folder a link as a whole",
            permission="follow_links",
        )
