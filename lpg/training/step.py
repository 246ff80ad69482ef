"""One step of a training: the gradients of a batch, which may be cut over processes and over time."""

import contextlib
import logging

import torch
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim import Optimizer

from lpg.errors import InputError
from lpg.jobs.machine import Machine
from lpg.training.precision import mixed
from lpg.training.ranks import Ranks
from lpg.training.sampling import Rows
from lpg.training.task import Task, Term, total_loss
from lpg.training.whole import OfWholeBatch

log = logging.getLogger(__name__)

TOO_SMALL = "the GPU's memory is too small for {} of this training"


class Step:
    """`step(batch, seed)` moves the weights once by the gradients of a batch's loss, and returns the loss, a scalar.

    A process that has a part of the batch (`machine.ranks`) gives its share, by the counts of the whole batch. What it
    has, it takes in `parts` one after the other: as many as its memory asks for. The gradients are those of the batch
    at once, up to rounding, but for batch normalisation that is trained: each of the parts has statistics of its own.
    """

    def __init__(self, task: Task, optimizer: Optimizer, machine: Machine) -> None:
        self.task, self.optimizer, self.machine = task, optimizer, machine
        self.ranks, self.parts = Ranks(machine.rank, machine.ranks), machine.parts
        self.scaler = torch.amp.GradScaler(enabled=machine.precision == "float16")
        self.rows: Rows | None = None

    def __call__(self, batch: tuple[Tensor, ...], seed: int) -> Tensor:
        self.rows = self.rows or self.ranks.rows(len(batch[0]), self.machine.device)
        while (loss := self._tried(batch, seed)) is None:
            self._take_more_parts()
        try:
            self.scaler.step(self.optimizer)
        except torch.OutOfMemoryError:
            raise InputError(TOO_SMALL.format("the optimizer"), "take a smaller network") from None
        self.scaler.update()
        return loss

    def _tried(self, batch: tuple[Tensor, ...], seed: int) -> Tensor | None:
        """The loss, with gradients in place; None if there was not memory enough: nothing but batch norm has moved."""
        with contextlib.suppress(torch.OutOfMemoryError):  # an exception in hand keeps all tensors on its way
            return self._gradients(batch, seed)
        return None

    def _gradients(self, batch: tuple[Tensor, ...], seed: int) -> Tensor:
        self.optimizer.zero_grad(set_to_none=True)
        if self.parts == 1:
            terms = self._terms(batch, self.rows, seed)
            totals = self._totals([terms])
            self._backward(terms, totals)
        else:
            parts = self._parts(batch)
            totals = self._counted(parts, seed)
            for part, rows in parts:
                self._backward(self._terms(part, rows, seed), totals)
        self.ranks.sum_gradients(self.task.parameters())
        return total_loss(totals)

    def _terms(self, part: tuple[Tensor, ...], rows: Rows, seed: int) -> list[Term]:
        torch.manual_seed(seed)  # dropout, too, is a function of (seed, iteration)
        cut = len(rows) < rows.of
        with mixed(self.machine), OfWholeBatch(rows, self.ranks) if cut else contextlib.nullcontext():
            return self.task.terms(*self.task.prepare(*part))

    def _backward(self, terms: list[Term], totals: list[Term]) -> None:
        self.scaler.scale(total_loss(terms, [total.count for total in totals])).backward()

    def _totals(self, parts: list[list[Term]]) -> list[Term]:
        """The terms of the whole batch, without gradients."""
        terms = [
            of_one[0]._replace(sum=sum(term.sum.detach() for term in of_one), count=sum(term.count for term in of_one))
            for of_one in zip(*parts, strict=True)
        ]
        if self.ranks.count == 1:
            return terms
        pairs = self.ranks.total(torch.stack([torch.stack([term.sum, term.count]).double() for term in terms]))
        return [term._replace(sum=pair[0], count=pair[1]) for term, pair in zip(terms, pairs, strict=True)]

    def _parts(self, batch: tuple[Tensor, ...]) -> list[tuple[tuple[Tensor, ...], Rows]]:
        first = self.rows.start
        return [
            (tuple(tensor[rows.start - first : rows.stop - first] for tensor in batch), rows)
            for rows in self.rows.cut(self.parts)
        ]

    @torch.no_grad()
    def _counted(self, parts: list[tuple[tuple[Tensor, ...], Rows]], seed: int) -> list[Term]:
        """The totals before any gradient, for a part's share is by the counts of all: a pass that leaves no trace."""
        running = [buffer.clone() for buffer in self.task.buffers()]
        totals = self._totals([self._terms(part, rows, seed) for part, rows in parts])
        for buffer, before in zip(self.task.buffers(), running, strict=True):
            buffer.copy_(before)
        return totals

    def _take_more_parts(self) -> None:
        """Take twice as many parts, down to a single sample; two, where a single pixel would be normalised by itself.

        Raises:
            InputError: it cannot be cut any further.
            OutOfMemoryError: other processes wait for this one, and must be cut alike: whoever started them does it.
        """
        normalised = any(isinstance(module, _BatchNorm) and module.training for module in self.task.modules())
        least = -(-2 // self.ranks.count) if normalised else 1
        most = max(1, self.rows.of // self.ranks.count // least)
        if self.parts >= most:
            samples = "one sample" if least == 1 else f"{least} samples"
            raise InputError(TOO_SMALL.format(samples), "lower crop, or take a smaller network")
        if self.ranks.count > 1:
            raise torch.OutOfMemoryError
        self.parts = min(2 * self.parts, most)
        log.info("the GPU's memory is too small for a batch at once: it is taken in %d parts", self.parts)
        if self.machine.device == "cuda":
            torch.cuda.empty_cache()
