"""What went wrong, in the jobs' own words: Snakemake surrounds them with lines of its own. No torch here."""

import re
from collections.abc import Iterable
from pathlib import Path

FAILED = re.compile(r"^ +log: (.+?) \(check log file", re.MULTILINE)  # how Snakemake points to a failed job's log


def last_words(logs: Iterable[str | Path]) -> list[str]:
    """The last line that every failed job logged, in the order in which they failed.

    Arguments:
        logs: Snakemake's own log files.
    """
    named = [name for log in logs for name in FAILED.findall(Path(log).read_text(errors="replace"))]
    jobs = [Path(name) for name in dict.fromkeys(named)]
    lines = [job.read_text(errors="replace").split("\n") for job in jobs if job.is_file()]
    return [[line for line in text if line.strip()][-1] for text in lines if any(map(str.strip, text))]
