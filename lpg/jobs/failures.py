"""What went wrong, in the jobs' own words: Snakemake surrounds them with lines of its own. No torch here."""

import re
from collections.abc import Iterable
from pathlib import Path

FAILED = re.compile(r"^ +log: (.+?) \(check log file", re.MULTILINE)  # how Snakemake points to a failed job's log
ERROR = re.compile(r"^Error in rule ", re.MULTILINE)
KILLED = re.compile(r"died with <Signals\.SIGKILL|exit status 137")  # what it says before that of a job that is killed
KILL = (
    "it was killed (SIGKILL), as a machine does that is out of memory; give it more memory or fewer threads, "
    "and the same command again: what is finished stays"
)
SUCCESS = re.compile(r"done in \d+ s$")  # the last line of a job that ended well


def last_words(logs: Iterable[str | Path]) -> list[str]:
    """The last line that every failed job logged, in the order in which they failed; of a killed one also that it was.

    A cluster names its own log after the job's; its last line is taken where the job logged nothing, or did so when it
    ended well, an attempt before.

    Arguments:
        logs: Snakemake's own log files.
    """
    failed = dict(failure for log in logs for failure in _failures(Path(log).read_text(errors="replace")))
    words = [_words(names.split(", "), killed) for names, killed in failed.items()]
    return list(dict.fromkeys(line for line in words if line))


def _failures(text: str) -> list[tuple[str, bool]]:
    """The logs of the failed jobs, and whether each was killed."""
    before, *errors = ERROR.split(text)
    found = []
    for error in errors:
        killed = bool(KILLED.search(before))
        found += [(names, killed) for names in FAILED.findall(error)]
        before = error
    return found


def _words(names: list[str], killed: bool) -> str:
    last = _last_line(names)
    return f"{last or names[0]}: {KILL}" if killed else last


def _last_line(names: Iterable[str]) -> str:
    """The last line of the first of these files in which something stands that is no success; else empty."""
    texts = (Path(name).read_text(errors="replace").strip() for name in names if Path(name).is_file())
    lines = (text.rsplit("\n", 1)[-1] for text in texts)
    return next((line for line in lines if line and not SUCCESS.search(line)), "")
