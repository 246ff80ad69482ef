"""What a network computes in while it learns. Weights, losses and the optimizer are in float32 everywhere."""

import contextlib
from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from lpg.jobs.machine import Machine


@contextlib.contextmanager
def mixed(machine: Machine) -> Iterator[None]:
    """Compute convolutions and matrix products in the machine's precision, on a CPU but for depthwise ones."""
    precision = getattr(torch, machine.precision)
    with contextlib.ExitStack() as stack:
        if precision != torch.float32:
            stack.enter_context(torch.autocast(machine.device, precision))
            if machine.device == "cpu":
                stack.enter_context(DepthwiseInFloat32())
        yield


class DepthwiseInFloat32(TorchFunctionMode):
    """A mode in which autocast leaves depthwise convolutions alone: oneDNN is slow at their gradients in bfloat16.

    They are a tenth of the products of such a network, and took most of its step (docs/performance.md).
    """

    def __torch_function__(self, function: Callable, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if function is functional.conv2d and _is_depthwise(*args, **kwargs):
            with torch.autocast("cpu", enabled=False):  # of a weight, too, that was computed
                args = [_in_float32(one) for one in args]
                return function(*args, **{name: _in_float32(one) for name, one in kwargs.items()})
        return function(*args, **kwargs)


def _is_depthwise(input: Tensor, weight: Tensor, *others, **named) -> bool:
    """Whether a convolution of these arguments is depthwise, however they are given; their names are torch's."""
    return weight.shape[1] == 1 < input.shape[1]


def _in_float32(one: object) -> object:
    return one.float() if isinstance(one, Tensor) else one
