"""A finished network has a second name, under which it outlives the removal of its file by whoever makes it again.

A workflow removes a file before the job that makes it starts. If the network is of the same ingredients after all (an
input was made again and came out as before), it is taken back; if not, it is there until its successor is whole.
"""

import logging
import os
import shutil
from pathlib import Path

from lpg.errors import InputError
from lpg.files.atomic import replace_atomically
from lpg.files.checkpoint import read_tensors
from lpg.jobs.job import Job

log = logging.getLogger(__name__)


def kept_path(job: Job) -> Path:
    """The second name, beside the output."""
    return Path(job.path).with_suffix(".kept")


def keep(job: Job) -> None:
    """Give the output its second name: a hard link, or a copy where there are none."""
    with replace_atomically(kept_path(job)) as partial:
        _link(Path(job.path), partial)


def take_back(job: Job) -> bool:
    """Whether the network of a job is there already, made of the same settings, code and contents of its inputs.

    Then it is the output again, and there is nothing to train.
    """
    path, kept = Path(job.path), kept_path(job)
    if not (job.ingredients and kept.is_file()):
        return False
    if _ingredients(kept) != job.ingredients:
        return False
    if not (path.exists() and path.samefile(kept)):
        with replace_atomically(path) as partial:
            _link(kept, partial)
    path.touch()
    log.info("taken back from %s: settings, code and the contents of the inputs are as before", kept)
    return True


def _ingredients(path: Path) -> str | None:
    try:
        return read_tensors(path)["provenance"].get("ingredients_digest")
    except InputError as error:
        log.warning("%s", error)  # the network is trained, and takes its place
        return None


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
