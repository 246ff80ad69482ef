"""What is said of a place where masks are: a folder of `lpg masks`, or a `pseudo_masks.h5` of the workflow."""

import fcntl
import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lpg.errors import InputError
from lpg.files.atomic import worded
from lpg.files.belonging import check_belonging
from lpg.files.hdf5 import open_file
from lpg.jobs.provenance import content_digest
from lpg.jobs.stamps import read_stamp
from lpg.pseudo_masks.shards import finished_shards

log = logging.getLogger(__name__)

MASKS = "give the folder that lpg masks wrote, or a pseudo_masks.h5"
ANOTHER = "give another folder"
LOCK = ".lock"  # in a folder that we write to


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep others of us out of a folder while the block runs; the lock goes with the process, however it ends.

    Raises:
        InputError: another process works there, or it cannot be written to.
    """
    with ExitStack() as held:
        with worded(folder):
            folder.mkdir(parents=True, exist_ok=True)
            lock = held.enter_context(open(folder / LOCK, "w"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(f"another lpg works in {folder}", "wait for it, or give another folder") from None
        except OSError:  # a file system without locks
            log.warning("%s has no locks: let no other lpg work there", folder)
        yield


def check_folder(out: str | Path) -> None:
    """Refuse a place for a folder where something else is."""
    out = Path(out)
    if out.is_symlink() and not out.exists():
        raise InputError(f"--out {out} is a link to {out.readlink()}, which does not exist", "make that folder")
    if out.exists() and not out.is_dir():
        raise InputError(f"--out {out} is no folder", "give a folder")


def check_cores(cores: int) -> None:
    """Refuse a number of processes that is none."""
    if cores < 1:
        raise InputError(f"--cores {cores} is none", "give 1 or more")


def check_inputs(out: Path, folders: Iterable[str], inputs: Iterable[str], remedy: str = ANOTHER) -> None:
    """Refuse a place to write where something stands that is read: formats go to folders of their names."""
    for given in inputs:
        path = Path(given).resolve()
        for name in folders:
            if (out / name).resolve() in (path, *path.parents):
                raise InputError(f"--out {out}: {out / name} would be written to, where {given} is", remedy)


def settings_of(boxes: Path) -> dict:
    """The settings of the dataset that a `boxes.h5` was read from, as far as it says."""
    with open_file(boxes) as file:
        return json.loads(file.attrs.get("settings", "{}")).get("settings", {})


def sources_of(settings: dict) -> list[str]:
    """Where photographs and annotations are."""
    return [settings[key] for key in ("images", "annotations", "root") if key in settings]


def find_masks(given: str, boxes: str | None) -> tuple[Path, list[Path], Path | None]:
    """`boxes.h5`, the files of masks of its photographs, and their `quality.tsv`, if there is one.

    Arguments:
        given: the folder, or the file.
        boxes: where `boxes.h5` is, if it is not where the workflow and `lpg masks` have it.

    Raises:
        InputError: there are no masks, or no boxes, or masks of others.
    """
    path = Path(given)
    if not path.exists():
        raise InputError(f"{path} does not exist", MASKS)
    if not _holds_masks(path):
        raise InputError(f"{path} holds no masks", _instead(path))
    found = Path(boxes) if boxes else next((one for one in _places(path) if one.is_file()), _places(path)[0])
    if not found.is_file():
        raise InputError(f"{found} is not there", "say with --boxes where the boxes.h5 of these masks is")
    if path.is_dir():
        shards, quality = finished_shards(found, path / "masks"), path / "quality.tsv"
        if not quality.is_file():  # it goes when masks are made, and comes when all are
            raise InputError(f"{path} has masks that are not finished", "finish them with the same lpg masks again")
        return found, shards, quality
    check_belonging(path, found)
    quality = path.parent / "quality.tsv"
    return found, [path], quality if quality.is_file() and _rates(quality, found, path) else None


def _rates(quality: Path, *inputs: Path) -> bool:
    """Whether a table of the workflow is of these boxes and masks: it stays where it is when they are made anew."""
    rated = read_stamp(quality).get("input_digests", {}).values()
    if {content_digest(path) for path in inputs} <= set(rated):
        return True
    if rated:
        log.warning("%s is of other masks, and left out; the workflow makes it anew when it is asked for it", quality)
    else:
        log.warning("nothing says which masks %s is of: it is left out", quality)
    return False


def _holds_masks(path: Path) -> bool:
    """Whether a path may hold masks: a folder of `lpg masks` is looked into later."""
    if path.is_dir():
        return (path / "masks").is_dir() or (path / "boxes.h5").is_file()
    if path.suffix != ".h5":
        return False
    with open_file(path) as file:
        return "boxes/values" in file


def _instead(path: Path) -> str:
    """What to give for a path without masks: the folder of `lpg masks` that it is part of, the file of its pictures."""
    if (path.parent / "masks").is_dir():
        return f"give its folder, {path.parent}"
    file = path.parent / f"{path.name}.h5"
    return f"give {file}" if path.is_dir() and file.is_file() else MASKS


def _places(path: Path) -> list[Path]:
    """Where the boxes of masks may be: in the folder of `lpg masks`, above its `masks`, or where the workflow has them,
    in `results/datasets/<dataset>` of `results/<run>/stage<k>/<dataset>/pseudo_masks.h5`."""
    if path.is_dir():
        return [path / "boxes.h5"]
    above = path.resolve().parents
    workflow = [above[3] / "datasets" / above[0].name / "boxes.h5"] if len(above) > 3 else []
    return [above[1] / "boxes.h5", *workflow]
