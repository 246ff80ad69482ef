"""A job around one step of the method: its log, its machine, and what made its output."""

import gc
import logging
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TypeVar

from lpg.errors import InputError
from lpg.jobs.machine import Machine, choose_machine
from lpg.jobs.processes import die_with_parent, hush_workers, killed_worker, lost_worker, share
from lpg.jobs.provenance import INGREDIENTS, describe, ingredients_digest, shown

log = logging.getLogger(__name__)
Table = TypeVar("Table")  # has a length and parts, as a `BoxTable`

SUBJECTS = ("run", "stage", "dataset", "table")  # wildcards that say what a file is about
# They speak of a job, and no result depends on them: opened by name, for what is imported is code of every job.
SPEAKERS = ("clock", "damage", "facts", "stamps", "words")
clock, damage, facts, stamps, words = (import_module(f"lpg.jobs.{name}") for name in SPEAKERS)


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
        roles: the inputs in the provenance by what they are to the job, in their order; None where that is not known.
    """

    path: Path | str
    provenance: dict = field(default_factory=dict)
    machine: Machine = field(default_factory=Machine)
    processes: int = 1
    seed: int = 0
    shard: int = 0
    shards: int = 1
    roles: Mapping[str, Sequence[str]] | None = None

    @cached_property
    def ingredients(self) -> str:
        """The digest of everything that the output depends on; empty where the provenance is not known."""
        return ingredients_digest(self.provenance, self.roles) if "input_digests" in self.provenance else ""

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
    gc.freeze()  # what is imported stays to the end: to look for garbage in it is a quarter of a short job
    words.log_to(Path(script.log[0]), f"{script.rule} {script.output[0]}")
    started = time.monotonic()
    try:
        clock.await_clock(script.input)
        work = _job_of(script)
        yield work
        stamps.stamp(script.output, work.provenance)
    except InputError as error:
        log.error("%s", words.worded(error, script))
        sys.exit(1)
    except Exception as error:
        hush_workers()
        if found := _diagnosed(error, script.input):
            log.error("%s", found)
            sys.exit(1)
        log.exception("failed")
        raise
    log.info("done in %.0f s", time.monotonic() - started)


def _diagnosed(error: Exception, inputs: Iterable[str | Path]) -> InputError | None:
    """What an error that nobody has worded came from, if it can be told."""
    if lost_worker(error):
        return killed_worker("a process that prepares batches")
    if found := damage.first_damage(inputs):
        return InputError(found, "move it away, and the same command makes it anew; restore it if it is of your own")
    return None


def _job_of(script) -> Job:
    settings = {key: value for key, value in script.params.items() if not isinstance(value, Unwatched)}
    code = settings.pop("code", "")
    rule = script.rule.removesuffix("_of_shard")  # it is described as the whole file that one job would make
    needs_device = script.resources.get("gpu") is not None
    machine = choose_machine(script.resources.gpu, script.threads) if needs_device else Machine()
    roles = {name: _shown(paths) for name, paths in script.input.items()}
    described = describe(rule=rule, settings=settings, code=code, inputs=script.input)
    return Job(
        path=script.output[0],
        provenance={
            **described,
            INGREDIENTS: ingredients_digest(described, roles),
            **{key: value for key, value in script.wildcards.items() if key in SUBJECTS},
            **({"seed": settings["seed"]} if "seed" in settings else {}),
            **facts.facts_of(machine, script.threads),
        },
        machine=machine,
        processes=script.threads,
        seed=script.params.get("seed", 0),
        shard=int(script.wildcards.get("shard", 0)),
        shards=int(script.wildcards.get("shards", 1)),
        roles=roles,
    )


def _shown(paths: str | Iterable[str]) -> list[str]:
    """One input, or several, as the provenance names them."""
    return [shown(path) for path in ([paths] if isinstance(paths, str) else paths)]
