"""DeepLabV3+ (Chen et al., ECCV 2018) on a pretrained encoder."""

import segmentation_models_pytorch as smp

from lpg.networks.encoder_decoder import EncoderDecoder

WIDTH = 256  # of the decoder


class DeepLabV3Plus(EncoderDecoder):
    """DeepLabV3+ on an encoder of timm.

    `forward` takes (N, 3, H, W) float32, sides multiples of 32, and gives logits (N, classes, H/4, W/4).

    Arguments:
        output_stride: of the encoder, 16 or 8; the latter is finer and takes more time.
    """

    def __init__(self, classes: int, trunk: str, output_stride: int) -> None:
        model = smp.DeepLabV3Plus(
            f"tu-{trunk}", encoder_weights=None, classes=classes, decoder_channels=WIDTH, upsampling=1,
            encoder_output_stride=output_stride,
        )  # fmt: skip
        super().__init__(model, stride=4, feature_channels=WIDTH)
