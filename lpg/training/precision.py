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
    """Convolutions and matrix products in the machine's precision, on a CPU but for depthwise ones."""
    precision = getattr(torch, machine.precision)
    with contextlib.ExitStack() as stack:
        if precision != torch.float32:
            stack.enter_context(torch.autocast(machine.device, precision))
            if machine.device == "cpu":
                stack.enter_context(DepthwiseInFloat32())
        yield


class DepthwiseInFloat32(TorchFunctionMode):
    """Within it, autocast leaves depthwise convolutions alone: oneDNN is slow at their gradients in bfloat16.

    They are a tenth of the products of such a network, and took most of its step (docs/performance.md).
    """

    def __torch_function__(self, function: Callable, types, args=(), kwargs=None):
        if function is functional.conv2d and args[1].shape[1] == 1 < args[0].shape[1]:
            with torch.autocast("cpu", enabled=False):  # of a weight, too, that was computed
                args = [one.float() if isinstance(one, Tensor) else one for one in args]
                return function(*args, **(kwargs or {}))
        return function(*args, **(kwargs or {}))
