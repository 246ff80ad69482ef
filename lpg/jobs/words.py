"""What a job says to people: its log, and the sentence of a refusal. No file depends on it."""

import logging
import sys
from pathlib import Path

import yaml

from lpg.errors import InputError
from lpg.jobs.log import hush_pillow
from lpg.jobs.stops import word_stops

# How a workflow's user gives a permission; a file of its own, for words are no code.
CURES = Path(__file__).with_name("cures.yaml")


def worded(error: InputError, script) -> str:
    """The sentence of an error as a user of the workflow needs it: with a permission, if this job could be given it."""
    where = _subject(script.wildcards)
    cure = yaml.safe_load(CURES.read_text()).get(error.permission, "").format(where=where)
    return f"{error}, {cure}" if cure and error.permission in _offered(script) else str(error)


def _offered(script) -> set[str]:
    """The permissions that the configuration can give this job."""
    allow = script.params.get("allow")
    classes = [] if script.params.get("allowed") is None else ["allow_shared_classes"]
    return {"cpu", *(allow.value if allow else ()), *classes}


def _subject(wildcards) -> str:
    """The part of the configuration that a job is about."""
    for name, section in (("dataset", "datasets"), ("run", "runs")):
        if wildcards.get(name):
            return f"{section}.{wildcards.get(name)}"
    return "the configuration"


class LineFormatter(logging.Formatter):
    """A line of the log; a warning says that it is one."""

    def format(self, record: logging.LogRecord) -> str:
        record.mark = "WARNING: " if record.levelno == logging.WARNING else ""
        return super().format(record)


def log_to(path: Path, name: str) -> None:
    """Log to the screen and to a file, under the name of the job and its output; also that the job is stopped."""
    word_stops()
    hush_pillow()
    path.parent.mkdir(parents=True, exist_ok=True)
    handlers = [logging.StreamHandler(sys.stderr), logging.FileHandler(path, mode="w")]
    for handler in handlers:
        handler.setFormatter(LineFormatter(f"%(asctime)s  {name}  %(mark)s%(message)s", "%H:%M:%S"))
    logging.raiseExceptions = False  # on a full disk the log is silent, and the screen has the one sentence
    logging.basicConfig(level=logging.INFO, handlers=handlers, force=True)
