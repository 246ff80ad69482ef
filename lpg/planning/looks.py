"""What tells that files are others than before, where their times do not: they are too many to be a job's inputs, or
another was put in their place that is older than what was made from it, as `mv`, `cp -p` and archives do."""

from collections.abc import Iterable
from pathlib import Path

from lpg.jobs.provenance import file_digest, text_digest


def look(files: Iterable[Path]) -> str:
    """The digest of names, sizes and times of files; of none, nothing."""
    looks = ((path, path.stat()) for path in files)
    lines = [f"{path} {look.st_size} {look.st_mtime_ns}" for path, look in looks]
    return text_digest(*lines) if lines else ""


def reading(path: Path) -> str:
    """The digest of a file's content; of one that cannot be read, nothing: the job that is to read it says so."""
    try:
        return file_digest(path)
    except OSError:
        return ""
