"""One training loop for both networks, with a state that survives `kill -9`; every process of a training runs it."""

import logging
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.utils.data import DataLoader, Dataset

from lpg.errors import InputError
from lpg.files.checkpoint import Checkpoint
from lpg.jobs.job import Job
from lpg.jobs.provenance import INGREDIENTS
from lpg.training.schedule import set_poly_rate
from lpg.training.state import State
from lpg.training.step import Step
from lpg.training.stops import held_stops
from lpg.training.task import Task, placed
from lpg.training.workers import workers_for

log = logging.getLogger(__name__)

APART = 1_000_003  # the seeds of two jobs, more than iterations: no batch of one has the seed of another's
REPORT_EVERY = 15.0  # seconds between two lines of the log
TUNED = 5_000  # iterations from which it pays that cuDNN tries its algorithms: half a minute of an H100


@dataclass(frozen=True)
class Saving:
    """How often the state is saved: seconds between two states, at least and at most, and the part of the time."""

    every: float = 5.0
    share: float = 0.02
    longest: float = 300.0

    def pause(self, took: float) -> float:
        """Seconds until the next state, if this one took so many; one slow disk, or a job that was suspended while it
        saved, must not put off the next one for hours."""
        return min(max(self.every, took / self.share), self.longest)


class Timer:
    """Whether some seconds have passed since it was set."""

    def __init__(self, seconds: float) -> None:
        self.set(seconds)

    def set(self, seconds: float) -> None:
        self.seconds, self.since = seconds, time.monotonic()

    def is_due(self) -> bool:
        return time.monotonic() - self.since > self.seconds


@dataclass(frozen=True)
class Subject:
    """What a checkpoint says about itself, see `lpg.files.checkpoint.Checkpoint`; `recipe` as plain values."""

    kind: str
    recipe: dict
    classes: Sequence[str]


def train_checkpoint(subject: Subject, task: Task, optimizer: Optimizer, batches: Dataset, job: Job) -> None:
    """Train, and write the checkpoint of the trained network, which takes the place of the training's state."""
    losses = train(task, optimizer, batches, iterations=subject.recipe["iterations"], job=job)
    if job.machine.rank:
        return
    Checkpoint(
        kind=subject.kind,
        recipe=subject.recipe,
        classes=tuple(subject.classes),
        weights=task.network.cpu().state_dict(),
        losses=losses,
        initialisation=subject.recipe["initialisation"],
        normalisation=task.network.normalisation,
        provenance=job.provenance | {INGREDIENTS: job.ingredients},
    ).save(job.path)
    state_path(job).unlink(missing_ok=True)


def state_path(job: Job) -> Path:
    """Where a training keeps its state: beside its output."""
    return Path(job.path).with_suffix(".state")


def train(
    task: Task, optimizer: Optimizer, batches: Dataset, *, iterations: int, job: Job, saving: Saving | None = None
) -> list[float]:
    """Train in place for `iterations`, from the state beside the output if it is of the same ingredients.

    A resumed run on the CPU ends with bitwise the weights of an undisturbed one; on another number of processes, in
    another precision or in other parts it goes on all the same. The state stays until the caller removes it.

    Arguments:
        batches: `batches[iteration]` is the batch of that iteration, whoever asks and whenever; of one process among
            several, its samples of it (`lpg.training.sampling.Rows.of_rank`).

    Returns: the loss of every iteration.

    Raises:
        InputError: the loss is not finite, a batch cannot be read, or the GPU's memory is too small for a sample.
    """
    machine, saving = job.machine, saving or Saving()
    torch.backends.cudnn.benchmark = iterations >= TUNED  # here, where every batch has one shape
    placed(task, machine.device)
    step = Step(task, optimizer, machine)
    state = State(state_path(job), job.ingredients, task.network, optimizer, step.scaler)
    losses = state.resume()
    step.ranks.start_alike(task, len(losses), machine.device)
    first = len(losses)
    pending: list[Tensor] = []
    started, report, save = time.monotonic(), Timer(REPORT_EVERY), Timer(saving.every)
    workers = workers_for(batches, first, machine) if first < iterations else 0
    loader = DataLoader(
        batches,
        batch_size=None,
        sampler=range(first, iterations),
        num_workers=workers,
        multiprocessing_context="fork" if workers else None,  # workers share the tables that are read already
        pin_memory=machine.device == "cuda",
        persistent_workers=False,
    )
    with held_stops() as stopped:
        for iteration, batch in zip(range(first, iterations), _loaded(loader), strict=True):
            set_poly_rate(optimizer, iteration, iterations)
            batch = tuple(tensor.to(machine.device, non_blocking=True) for tensor in batch)
            pending.append(step(batch, seed=job.seed * APART + iteration))
            last = iteration + 1 == iterations
            stops = bool(stopped) and machine.rank == 0  # the others go on until they are ended: it may wait for them
            saves = stops or (machine.rank == 0 and not last and save.is_due())
            reports = last or report.is_due()
            if saves or reports:
                losses += _finite(pending, len(losses))
                pending = []
            if reports:
                _report(losses, iterations, (len(losses) - first) / (time.monotonic() - started))
                report.set(REPORT_EVERY)
            if saves:
                began = time.monotonic()
                state.save(losses)
                save.set(saving.pause(time.monotonic() - began))
            if stops:
                log.info("saved at iteration %d of %d", len(losses), iterations)
                raise KeyboardInterrupt
    return losses


def _loaded(loader: DataLoader) -> Iterator[tuple[Tensor, ...]]:
    """The batches; of an error in a worker its one sentence, not its traceback."""
    try:
        yield from loader
    except InputError as error:
        raise _without_traceback(error) from None


def _without_traceback(error: InputError) -> InputError:
    """The error without the traceback that torch puts where the fault was, and which ends in the sentence."""
    if "InputError: " not in error.fault:
        return error
    return InputError(error.fault.rpartition("InputError: ")[2].rstrip())


def _finite(pending: list[Tensor], done: int) -> list[float]:
    losses = torch.stack(pending).float().tolist()
    for offset, loss in enumerate(losses):
        if not math.isfinite(loss):
            raise InputError(
                f"the loss became {loss} at iteration {done + offset}",
                "lower learning_rate, or look for damaged images among the inputs",
            )
    return losses


def _report(losses: list[float], iterations: int, per_second: float) -> None:
    done, recent = len(losses), losses[-50:]
    left = (iterations - done) / per_second if per_second else 0.0
    log.info(
        "iteration %d of %d  loss %.4f  %.2f iterations/s  %d:%02d left",
        done, iterations, sum(recent) / len(recent), per_second, left // 60, left % 60,
    )  # fmt: skip
