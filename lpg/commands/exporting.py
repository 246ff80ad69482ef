"""Photographs into folders, one for each format: what `lpg masks`, `lpg export` and `lpg convert` share."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from lpg.annotations.exporters.annotated import Annotated
from lpg.annotations.exporters.registry import EXPORTERS
from lpg.errors import InputError
from lpg.jobs.stamps import beside, read_stamp, stamp_beside

log = logging.getLogger(__name__)

OLD_RULES = ("lpg masks", "lpg export", "lpg convert")
WRITTEN = (".png", ".txt", ".json", ".xml")  # a file for a photograph or an object, which may be none any more


def write_formats(
    formats: Sequence[str],
    photographs: Callable[[], Iterable[Annotated]],
    classes: Sequence[str],
    out: Path,
    *,
    source: Path | None,
    made_by: dict,
    watch: Callable[..., Iterator],
    total: int,
) -> None:
    """Write `<out>/<format>` for each format, and beside it `<format>.provenance.json`.

    Arguments:
        photographs: gives them from the first on, for every format again.
        classes: the class table, background first.
        source: the COCO file that their boxes came from.
        made_by: what the files are made by and of.
        watch: passes photographs through, and tells how far they are of `total`.

    Raises:
        InputError: a format cannot hold what is to be written; the others are written before.
    """
    refused = None
    for name in formats:
        folder, started = out / name, time.time()
        out.mkdir(parents=True, exist_ok=True)
        stamp_beside(folder, made_by)  # first, so that what a kill leaves there is known to be ours
        try:
            EXPORTERS[name].open()(watch(photographs(), f"as {name}", total=total), classes, folder, source)
        except InputError as error:
            log.warning("%s is not whole: %s", folder, error)
            refused = refused or error
            continue
        log.info("%s", folder)
        _tell_old(folder, started)
    if refused:
        raise refused


def check_own(out: Path, formats: Iterable[str]) -> None:
    """Refuse to write over files that lpg did not write.

    Raises:
        InputError: the folder of a format has some.
    """
    for folder in (out / name for name in formats):
        foreign = None if _is_ours(folder) else next(written_in(folder), None)
        if foreign:
            raise InputError(
                f"{folder} has files of which nothing says that lpg wrote them, such as {foreign}",
                "give another --out, or move them away",
            )


def _is_ours(folder: Path) -> bool:
    """Whether lpg has written the folder of a format; up to 0.1.0 it said so in the folder of all alone, of the last
    command."""
    if beside(folder).is_file():
        return True
    said = read_stamp(folder.parent)
    return said.get("lpg_version") == "0.1.0" and said.get("rule") in OLD_RULES


def known_source(settings: Mapping[str, str], formats: Sequence[str]) -> Path | None:
    """The COCO file that boxes came from, if they did, one is to be written, and it is still there.

    Arguments:
        settings: of the dataset of the boxes.
    """
    if settings.get("format") != "coco" or "coco" not in formats:
        return None
    path = Path(settings.get("annotations", ""))
    if path.is_file():
        return path
    log.warning(
        "%s is not there any more: ids of photographs, classes and objects are counted anew, and its crowds, other "
        "objects and other fields are lost; put it back and export again to keep them",
        path,
    )
    return None


def written_in(folder: Path) -> Iterator[Path]:
    """The files of an export that was written there, if one was; what lies in its `images` people have put there."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return (path for path in files if "images" not in path.relative_to(folder).parts)


def _tell_old(folder: Path, started: float) -> None:
    """Warn of files of an earlier export, of photographs or objects that are none now: they would pass for masks."""
    written = (path for path in written_in(folder) if path.suffix in WRITTEN)
    old = sorted(path for path in written if path.stat().st_mtime < started - 0.05)
    if old:
        log.warning("%d files there are not of this export but older, such as %s", len(old), old[0])
