"""What tells that files are others than before, where their times do not: they are too many to be a job's inputs, or
another was put in their place that is older than what was made from it, as `mv`, `cp -p` and archives do."""

from collections.abc import Iterable
from pathlib import Path

from lpg.jobs.provenance import file_digest, text_digest


def stat_digest(files: Iterable[Path]) -> str:
    """The digest of names, sizes and times of files; of none, nothing."""
    found = ((path, path.stat()) for path in files)
    lines = [f"{path} {stat.st_size} {stat.st_mtime_ns}" for path, stat in found]
    return text_digest(*lines) if lines else ""


def digest_if_readable(path: Path) -> str:
    """The digest of a file's content; of one that cannot be read, nothing: the job that is to read it says so."""
    try:
        return file_digest(path)
    except OSError:
        return ""
