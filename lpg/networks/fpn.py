"""A feature pyramid (Kirillov et al., Panoptic feature pyramid networks, CVPR 2019) on a pretrained encoder."""

from collections.abc import Sequence

import segmentation_models_pytorch as smp
from torch import Tensor, nn

from lpg.networks.encoder_decoder import EncoderDecoder

WIDTH = 128  # of the pyramid's merged levels


class Fpn(EncoderDecoder):
    """A feature pyramid on an encoder of timm.

    `forward` takes (N, 3, H, W) float32, sides multiples of 32, and gives logits (N, classes, H/4, W/4).
    """

    def __init__(self, classes: int, trunk: str) -> None:
        model = smp.FPN(
            f"tu-{trunk}", encoder_weights=None, classes=classes, decoder_segmentation_channels=WIDTH, upsampling=1
        )
        model.decoder.merge = Sum()
        super().__init__(model, stride=4, feature_channels=WIDTH)


class Sum(nn.Module):
    """The sum of the pyramid's levels, one by one: the library's stack of all takes a quarter of a pass on a CPU."""

    def forward(self, levels: Sequence[Tensor]) -> Tensor:
        return sum(levels[1:], start=levels[0])
