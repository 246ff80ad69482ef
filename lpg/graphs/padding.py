"""Images of any size for networks that want sides of a multiple: padded inside the graph, by sizes known only there."""

from torch import Tensor
from torch.nn import functional


def pad_with(channels: Tensor, multiple: int, fill: Tensor) -> Tensor:
    """uint8 (N, C, H, W) with H and W brought to multiples, on the right and below; `fill` has a value per channel."""
    # One value for all channels is what `pad` can do, so they are shifted to have the same.
    shift = fill.float().reshape(1, -1, 1, 1)
    return (functional.pad(channels.float() - shift, _missing(channels, multiple)) + shift).to(channels.dtype)


def pad_with_edge(channels: Tensor, multiple: int) -> Tensor:
    """As `pad_with`, but what lies outside is what the image is at its edge."""
    return functional.pad(channels.float(), _missing(channels, multiple), mode="replicate").to(channels.dtype)


def _missing(channels: Tensor, multiple: int) -> tuple[int, int, int, int]:
    """Left, right, top, bottom."""
    height, width = channels.shape[-2:]
    return 0, -width % multiple, 0, -height % multiple
