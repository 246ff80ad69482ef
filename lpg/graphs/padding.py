"""Images of any size for networks that want sides of a multiple: padded inside the graph, by sizes known only there."""

from torch import Tensor
from torch.nn import functional


def pad_with(channels: Tensor, multiple: int, fill: Tensor) -> Tensor:
    """Channels, uint8 (N, C, H, W), with H and W brought to multiples, on the right and below.

    Arguments:
        fill: a value per channel, (C,), or of every sample too, (N, C).
    """
    # One value for all channels is what `pad` can do, so they are shifted to have the same.
    shift = fill.float()[..., None, None]
    return (functional.pad(channels.float() - shift, _missing(channels, multiple)) + shift).to(channels.dtype)


def _missing(channels: Tensor, multiple: int) -> tuple[int, int, int, int]:
    """The pixels that are missing to multiples: left, right, top, bottom."""
    height, width = channels.shape[-2:]
    return 0, -width % multiple, 0, -height % multiple
