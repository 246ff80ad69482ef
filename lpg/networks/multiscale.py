"""Several input scales, fused by the maximum of their logits (DeepLab-v2, section 4.1.2)."""

from torch import Tensor
from torch.nn import functional

from lpg.networks.protocols import SegmenterNetwork


def multiscale_logits(network: SegmenterNetwork, x: Tensor, features: Tensor | None = None) -> list[Tensor]:
    """The logits of every scale of the network, and their maximum at the size of the first, last in the list.

    Arguments:
        x: images, float32 (N, 3, H, W).
        features: `network.represent(x)`, where the caller has it already.
    """
    logits = [network(x) if features is None else network.classify(features)]
    for scale in network.scales[1:]:
        logits.append(network(functional.interpolate(x, scale_factor=scale, mode="bilinear")))
    if len(logits) == 1:
        return logits
    size = logits[0].shape[-2:]
    fused = logits[0]
    for smaller in logits[1:]:
        fused = fused.maximum(functional.interpolate(smaller, size=size, mode="bilinear"))
    return [*logits, fused]
