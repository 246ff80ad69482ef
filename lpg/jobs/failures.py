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


def last_words(logs: Iterable[str | Path]) -> list[str]:
    """The last line that every failed job logged, in the order in which they failed; of a killed one also that it was.

    Arguments:
        logs: Snakemake's own log files.
    """
    failed = dict(failure for log in logs for failure in _failures(Path(log).read_text(errors="replace")))
    words = [_words(Path(name), killed) for name, killed in failed.items()]
    return [line for line in words if line]


def _failures(text: str) -> list[tuple[str, bool]]:
    """The logs of the failed jobs, and whether each was killed."""
    before, *errors = ERROR.split(text)
    found = []
    for error in errors:
        killed = bool(KILLED.search(before))
        found += [(name, killed) for name in FAILED.findall(error)]
        before = error
    return found


def _words(log: Path, killed: bool) -> str:
    text = log.read_text(errors="replace").strip() if log.is_file() else ""
    last = text.rsplit("\n", 1)[-1]
    return f"{last or log}: {KILL}" if killed else last
