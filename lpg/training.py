"""One training loop for both networks, with a state that survives `kill -9`."""

import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.utils.data import DataLoader, Dataset

from lpg.errors import InputError
from lpg.networks.checkpoint import Checkpoint
from lpg.networks.weights import read_weights
from lpg.optimizers import set_poly_rate
from lpg.recipes import GeneratorRecipe, SegmenterRecipe, as_settings
from lpg.storage import replace_atomically

log = logging.getLogger(__name__)

REPORT_EVERY = 15.0  # seconds between two lines of the log
SAVE_EVERY = 5.0  # seconds between two states at least,
SAVE_SHARE = 0.02  # and so many that saving takes no more than this share of the time


@dataclass(frozen=True)
class Machine:
    """Where a job runs: facts of the profile, never of the configuration.

    Attributes:
        device: `cpu` or `cuda`.
        workers: processes that prepare batches; 0 prepares them in the training process.
    """

    device: str = "cpu"
    workers: int = 0

    @property
    def mixed_precision(self) -> bool:
        return self.device == "cuda"


def train_checkpoint(
    network: nn.Module,
    optimizer: Optimizer,
    batches: Dataset,
    loss_of: Callable[[nn.Module, tuple[Tensor, ...]], Tensor],
    *,
    kind: str,
    recipe: SegmenterRecipe | GeneratorRecipe,
    classes: Sequence[str],
    path: str | Path,
    seed: int,
    digest: str,
    machine: Machine,
    provenance: dict | None = None,
) -> None:
    """`train`, its state beside `path`, and the checkpoint of the trained network, which takes the state's place.

    Arguments:
        loss_of: gives the scalar loss of a batch that `batches.prepare` has made ready.
    """
    state = Path(path).with_suffix(".state")
    losses = train(
        network,
        optimizer,
        batches,
        lambda network, batch: loss_of(network, batches.prepare(*batch)),
        iterations=recipe.iterations,
        seed=seed,
        state=state,
        digest=digest,
        machine=machine,
    )
    Checkpoint(
        kind=kind,
        recipe=as_settings(recipe),
        classes=tuple(classes),
        weights=network.cpu().state_dict(),
        losses=losses,
        initialisation=recipe.initialisation,
        provenance=provenance or {},
    ).save(path)
    state.unlink(missing_ok=True)


def train(
    network: nn.Module,
    optimizer: Optimizer,
    batches: Dataset,
    loss_of: Callable[[nn.Module, tuple[Tensor, ...]], Tensor],
    *,
    iterations: int,
    seed: int,
    state: str | Path,
    digest: str,
    machine: Machine,
    save_every: float = SAVE_EVERY,
    save_share: float = SAVE_SHARE,
) -> list[float]:
    """Train in place for `iterations`, from the state file if it is of the same `digest`.

    Arguments:
        batches: `batches[iteration]` is the batch of that iteration, whoever asks and whenever.
        loss_of: gives the scalar loss of a batch, which is on the network's device by then.
        save_every, save_share: seconds between two states at least, and the part of the time that saving may take.
        state: kept until the caller removes it; another digest's state is ignored.
        digest: of settings, code and inputs; a resumed run on CPU ends with bitwise the weights of an undisturbed one.

    Returns: the loss of every iteration.

    Raises:
        InputError: the loss is not finite, a batch cannot be read, or the GPU's memory is too small.
    """
    torch.backends.cudnn.benchmark = True  # here, where every batch has one shape
    network.to(machine.device, memory_format=torch.channels_last).train()
    scaler = torch.amp.GradScaler(enabled=machine.mixed_precision)
    losses = _resume(Path(state), digest, network, optimizer, scaler)
    first = len(losses)
    pending: list[Tensor] = []
    started = saved = reported = time.monotonic()
    pause = save_every
    loader = DataLoader(
        batches,
        batch_size=None,
        sampler=range(first, iterations),
        num_workers=machine.workers,
        multiprocessing_context="fork" if machine.workers else None,  # workers share the tables that are read already
        pin_memory=machine.device == "cuda",
        persistent_workers=False,
    )
    for iteration, batch in zip(range(first, iterations), _loaded(loader), strict=True):
        torch.manual_seed(seed * 1_000_003 + iteration)  # dropout, too, is a function of (seed, iteration)
        set_poly_rate(optimizer, iteration, iterations)
        batch = tuple(tensor.to(machine.device, non_blocking=True) for tensor in batch)
        try:
            with torch.autocast(machine.device, dtype=torch.float16, enabled=machine.mixed_precision):
                loss = loss_of(network, batch)
            optimizer.zero_grad(set_to_none=True)
            scaler.scale(loss).backward()
            scaler.step(optimizer)
        except torch.OutOfMemoryError:
            raise InputError("the GPU's memory is too small for this training; lower batch or crop") from None
        scaler.update()
        pending.append(loss.detach())
        now, last = time.monotonic(), iteration + 1 == iterations
        if last or now - reported > REPORT_EVERY or now - saved > pause:
            losses += _finite(pending, len(losses))
            pending = []
        if last or now - reported > REPORT_EVERY:
            _report(losses, iterations, (len(losses) - first) / (now - started))
            reported = now
        if not last and now - saved > pause:
            _save(Path(state), digest, network, optimizer, scaler, losses)
            saved = time.monotonic()
            pause = max(save_every, (saved - now) / save_share)
    return losses


def _loaded(loader: DataLoader) -> Iterator[tuple[Tensor, ...]]:
    """The batches; of an error in a worker its one sentence, not its traceback."""
    try:
        yield from loader
    except InputError as error:
        raise InputError(str(error).rpartition("InputError: ")[2].rstrip()) from None


def _finite(pending: list[Tensor], done: int) -> list[float]:
    losses = torch.stack(pending).float().tolist()
    for offset, loss in enumerate(losses):
        if not math.isfinite(loss):
            raise InputError(
                f"the loss became {loss} at iteration {done + offset}; lower learning_rate, "
                "or look for damaged images among the inputs"
            )
    return losses


def _report(losses: list[float], iterations: int, per_second: float) -> None:
    done, recent = len(losses), losses[-50:]
    left = (iterations - done) / per_second if per_second else 0.0
    log.info(
        "iteration %d of %d  loss %.4f  %.2f iterations/s  %d:%02d left",
        done, iterations, sum(recent) / len(recent), per_second, left // 60, left % 60,
    )  # fmt: skip


def _save(
    path: Path, digest: str, network: nn.Module, optimizer: Optimizer, scaler: torch.amp.GradScaler, losses: list[float]
) -> None:
    content = {
        "digest": digest,
        "network": network.state_dict(),
        "optimizer": optimizer.state_dict(),
        "scaler": scaler.state_dict(),
        "losses": losses,
    }
    with replace_atomically(path) as partial:
        torch.save(content, partial)


def _resume(
    path: Path, digest: str, network: nn.Module, optimizer: Optimizer, scaler: torch.amp.GradScaler
) -> list[float]:
    """Bring everything to where the state left it; the losses so far say at which iteration that was."""
    if not path.exists():
        return []
    content = read_weights(path)
    if content["digest"] != digest:
        log.info("%s is of other settings, code or inputs: starting anew", path)
        return []
    network.load_state_dict(content["network"])
    optimizer.load_state_dict(content["optimizer"])
    if content["scaler"] and scaler.is_enabled():  # a state of the CPU has none, and a GPU's may go on on a CPU
        scaler.load_state_dict(content["scaler"])
    log.info("resumed from %s at iteration %d", path, len(content["losses"]))
    return list(content["losses"])
