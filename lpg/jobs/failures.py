"""What went wrong, in the jobs' own words: Snakemake surrounds them with lines of its own. No torch here."""

import re
from collections.abc import Iterable
from pathlib import Path

FAILED = re.compile(r"^ +log: (.+?) \(check log file", re.MULTILINE)  # how Snakemake points to a failed job's log

SUCCESS = re.compile(r"done in \d+ s$")  # the last line of a job that ended well


def last_words(logs: Iterable[str | Path]) -> list[str]:
    """The last line that every failed job logged, in the order in which they failed.

    A cluster names its own log after the job's; its last line is taken where the job logged nothing, or did so when it
    ended well, an attempt before.

    Arguments:
        logs: Snakemake's own log files.
    """
    named = [name for log in logs for name in FAILED.findall(Path(log).read_text(errors="replace"))]
    return list(dict.fromkeys(words for names in dict.fromkeys(named) if (words := _last_line(names.split(", ")))))


def _last_line(names: Iterable[str]) -> str:
    """Of the first of these files in which something stands that is no success."""
    texts = (Path(name).read_text(errors="replace").strip() for name in names if Path(name).is_file())
    lines = (text.rsplit("\n", 1)[-1] for text in texts)
    return next((line for line in lines if line and not SUCCESS.search(line)), "")
