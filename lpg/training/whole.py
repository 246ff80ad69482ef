"""A network that is shown a part of a batch answers as if it were shown all of it: its dropout, and its batch norm."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.distributed import group
from torch.nn import functional
from torch.nn.modules._functions import SyncBatchNorm  # what torch.nn.SyncBatchNorm calls
from torch.overrides import TorchFunctionMode

from lpg.training.ranks import Ranks, Summed
from lpg.training.sampling import Rows

DROPOUTS = {functional.dropout, functional.dropout2d}


class OfWholeBatch(TorchFunctionMode):
    """A mode in which a network in training sees `rows` of a batch, and the other processes the rest at the same time.

    Dropout takes its rows of what it would draw for the whole batch. Batch normalisation that is trained takes mean
    and variance over all processes, whatever the module that calls it; frozen, it needs nobody. Of the parts that one
    process sees one after the other, each has a mean and a variance of its own.
    """

    def __init__(self, rows: Rows, ranks: Ranks) -> None:
        super().__init__()
        self.rows, self.ranks = rows, ranks

    def __torch_function__(self, function: Callable, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if kwargs.get("training"):
            if function in DROPOUTS and len(args[0]) == len(self.rows):
                return args[0] * self._drawn(function, args[0], kwargs["p"])
            if function is functional.batch_norm and self.ranks.count > 1:
                return batch_norm(*args, **kwargs, ranks=self.ranks)
        return function(*args, **kwargs)

    def _drawn(self, dropout: Callable, x: Tensor, p: float) -> Tensor:
        """What dropout multiplies by: 0, or the factor of what is kept; drawn in the order of `x` in memory."""
        pixels = (1, 1) if dropout is functional.dropout2d else x.shape[2:]
        ones = x.new_ones((self.rows.of, x.shape[1], *pixels))
        if x.ndim == 4 and x.is_contiguous(memory_format=torch.channels_last):
            ones = ones.contiguous(memory_format=torch.channels_last)
        return dropout(ones, p, training=True)[self.rows.start : self.rows.stop]


def batch_norm(
    x: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    *,
    weight: Tensor | None,
    bias: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
    ranks: Ranks,
) -> Tensor:
    """`functional.batch_norm` in training, over the samples of all processes: x is (N, channels, ...)."""
    if x.is_cuda:
        return SyncBatchNorm.apply(
            x, weight, bias, running_mean, running_var, eps, momentum, group.WORLD, ranks.count
        )  # torch has it for GPUs alone
    x, given = x.float(), x.dtype  # sums of thousands, of which half precision keeps the first digits
    axes = [0, *range(2, x.ndim)]
    shape = [1, -1, *[1] * (x.ndim - 2)]
    count = ranks.total(x.new_tensor(x.numel() / x.shape[1]))
    mean = Summed.apply(x.sum(axes), ranks) / count
    centred = x - mean.view(shape)
    variance = Summed.apply(centred.square().sum(axes), ranks) / count
    if running_mean is not None:
        running_mean.lerp_(mean.detach(), momentum)
        running_var.lerp_(variance.detach() * count / (count - 1), momentum)
    y = centred * (variance + eps).rsqrt().view(shape)
    return (y if weight is None else y * weight.view(shape) + bias.view(shape)).to(given)
