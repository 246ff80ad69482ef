"""A network and its loss as one module."""

from torch import Tensor, nn


class Task(nn.Module):
    """What is trained: `task(*batch)` is the loss of a batch, a scalar. Give it `prepare` and `forward`.

    Arguments:
        network: its `normalisation` is what `prepare` brings images to.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def prepare(self, *batch: Tensor) -> tuple[Tensor, ...]:
        """A batch as `forward` wants it, from the uint8 tensors of a sample, on the device of the batch."""
        raise NotImplementedError
