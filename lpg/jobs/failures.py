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
    texts = [job.read_text(errors="replace").strip() for job in jobs if job.is_file()]
    return [text.rsplit("\n", 1)[-1] for text in texts if text]
