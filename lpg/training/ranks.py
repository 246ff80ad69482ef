"""The processes among which a batch is cut, one for each GPU: what they must tell each other, and nothing more.

Every process takes the same steps on its own samples. Counts of labelled pixels, statistics of batch normalisation and
gradients are summed over all of them, so that they end with the weights of one process, up to rounding.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn

from lpg.errors import InputError
from lpg.training.sampling import Rows


@dataclass(frozen=True)
class Ranks:
    """This process, `rank`, among `count` of them. Of one process nothing is asked and nothing changed."""

    rank: int = 0
    count: int = 1

    def total(self, values: Tensor) -> Tensor:
        """The sum over all processes, to all of them."""
        if self.count == 1:
            return values
        summed = values.detach().clone()
        distributed.all_reduce(summed)
        return summed

    def rows(self, own: int, device: str) -> Rows:
        """Where in the batch the samples of this process lie, of which there are `own`."""
        if self.count == 1:
            return Rows(0, own, own)
        sizes = torch.zeros(self.count, dtype=torch.int64, device=device)
        sizes[self.rank] = own
        *ends, of = self.total(sizes).cumsum(0).tolist()
        stop = [*ends, of][self.rank]
        return Rows(stop - own, stop, of)

    def start_alike(self, module: nn.Module, done: int, device: str) -> None:
        """Give all processes the parameters and buffers of the first; all must have done `done` iterations.

        Raises:
            InputError: the processes have found different states.
        """
        if self.count == 1:
            return
        counts = torch.zeros(self.count, dtype=torch.int64, device=device)
        counts[self.rank] = done
        if len(set(found := self.total(counts).tolist())) > 1:
            raise InputError(
                f"the processes of this training would go on from different iterations: {found}",
                "let all of them see one file system, and start again",
            )
        for tensor in module.state_dict().values():
            distributed.broadcast(tensor, 0)

    def sum_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Sum gradients over all processes, in place. They run one graph, so they lack the same gradients, if any."""
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        if self.count == 1 or not gradients:
            return
        together = self.total(torch.cat([gradient.flatten() for gradient in gradients]))
        pieces = together.split([gradient.numel() for gradient in gradients])
        for gradient, piece in zip(gradients, pieces, strict=True):
            gradient.copy_(piece.view_as(gradient))


class Summed(torch.autograd.Function):
    """A tensor summed over all processes, and so is its gradient: each has a share of the loss."""

    @staticmethod
    def forward(ctx, values: Tensor, ranks: Ranks) -> Tensor:
        ctx.ranks = ranks
        return ranks.total(values)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:
        return ctx.ranks.total(gradient), None
