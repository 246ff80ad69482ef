"""A job around one step of the method: its log, its machine, and what made its output."""

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import yaml

from lpg.errors import InputError
from lpg.jobs.machine import Machine, choose_machine
from lpg.jobs.processes import die_with_parent, share
from lpg.jobs.provenance import describe, ingredients_digest

log = logging.getLogger(__name__)
Table = TypeVar("Table")  # has a length and parts, as a `BoxTable`

# How a workflow's user gives a permission; a file of its own, for words are no code.
CURES = Path(__file__).with_name("cures.yaml")


@dataclass(frozen=True)
class Unwatched:
    """A parameter that is no reason to make a finished file again.

    A permission changes no file that was made without it, and how a generator will be applied does not change how it is
    trained. Snakemake compares parameters that it can print as plain values, and leaves this one alone.
    """

    value: object


@dataclass(frozen=True)
class Job:
    """What a step needs beside its inputs. `Job(path)` is enough in a notebook.

    Attributes:
        path: the output.
        provenance: goes into the attributes of the output, see `lpg.jobs.provenance.describe`.
        machine: where it runs.
        processes: among which photographs may be shared where no network is involved.
        seed: of every random choice.
        shard, shards: which of how many jobs this is, where they make the photographs of a dataset together.
    """

    path: Path | str
    provenance: dict = field(default_factory=dict)
    machine: Machine = field(default_factory=Machine)
    processes: int = 1
    seed: int = 0
    shard: int = 0
    shards: int = 1

    @cached_property
    def ingredients(self) -> str:
        """The digest of everything that the output depends on; empty where the provenance is not known."""
        return ingredients_digest(self.provenance) if self.provenance else ""

    def part_of(self, table: Table) -> Table:
        """The part of a table of photographs that is this job's to make: all of it, but in a shard."""
        return table if self.shards == 1 else table.part(share(len(table), self.shard, self.shards))


@contextmanager
def job(script) -> Iterator[Job]:
    """Run the block as a job of a workflow; bad input ends the process with its one sentence and no traceback.

    It logs to the screen and to the script's log file. Rules whose steps run a network declare a resource `gpu`.

    Arguments:
        script: the object `snakemake` that a script is given.
    """
    die_with_parent()
    _log_to(Path(script.log[0]), f"{script.rule} {script.output[0]}")
    started = time.monotonic()
    try:
        yield _job_of(script)
    except InputError as error:
        log.error("%s", worded(error, script))
        sys.exit(1)
    except Exception:
        log.exception("failed")
        raise
    log.info("done in %.0f s", time.monotonic() - started)


def _job_of(script) -> Job:
    settings = {key: value for key, value in script.params.items() if not isinstance(value, Unwatched)}
    code = settings.pop("code", "")
    rule = script.rule.removesuffix("_of_shard")  # it is described as the whole file that one job would make
    needs_device = script.resources.get("gpu") is not None
    return Job(
        path=script.output[0],
        provenance=describe(rule=rule, settings=settings, code=code, inputs=script.input),
        machine=choose_machine(script.resources.gpu, script.threads) if needs_device else Machine(),
        processes=script.threads,
        seed=script.params.get("seed", 0),
        shard=int(script.wildcards.get("shard", 0)),
        shards=int(script.wildcards.get("shards", 1)),
    )


def worded(error: InputError, script) -> str:
    """The sentence of an error as a user of the workflow needs it: with a permission, if this job could be given it."""
    where = _subject(script.wildcards)
    cure = yaml.safe_load(CURES.read_text()).get(error.permission, "").format(where=where)
    return f"{error}, {cure}" if cure and error.permission in _offered(script) else str(error)


def _offered(script) -> set[str]:
    """The permissions that the configuration can give this job."""
    allow = script.params.get("allow")
    return {"cpu", *(allow.value if allow else ()), *(["allow_shared_classes"] if "allowed" in script.params else ())}


def _subject(wildcards) -> str:
    """The part of the configuration that a job is about."""
    for name, section in (("dataset", "datasets"), ("run", "runs")):
        if wildcards.get(name):
            return f"{section}.{wildcards.get(name)}"
    return "the configuration"


class Line(logging.Formatter):
    """A line of the log; a warning says that it is one."""

    def format(self, record: logging.LogRecord) -> str:
        record.mark = "WARNING: " if record.levelno == logging.WARNING else ""
        return super().format(record)


def _log_to(path: Path, name: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handlers = [logging.StreamHandler(sys.stderr), logging.FileHandler(path, mode="w")]
    for handler in handlers:
        handler.setFormatter(Line(f"%(asctime)s  {name}  %(mark)s%(message)s", "%H:%M:%S"))
    logging.basicConfig(level=logging.INFO, handlers=handlers, force=True)
