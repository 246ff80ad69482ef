"""U-Net (Ronneberger et al., MICCAI 2015) on a pretrained encoder: a segmenter, and a generator of two classes."""

import segmentation_models_pytorch as smp

from lpg.networks.encoder_decoder import EncoderDecoder

WIDTHS = (128, 96, 64, 32, 16)  # of the decoder, from stride 16 to the input's own resolution


class UNet(EncoderDecoder):
    """`forward` takes (N, in_channels, H, W) float32, sides multiples of 32, and gives logits (N, classes, H, W).

    Arguments:
        in_channels: a segmenter sees 3; a generator 5: image 3, box map 1, score 1.
    """

    def __init__(self, classes: int, trunk: str, in_channels: int = 3) -> None:
        model = smp.Unet(
            f"tu-{trunk}", encoder_weights=None, in_channels=in_channels, classes=classes, decoder_channels=WIDTHS
        )
        super().__init__(model, stride=1, feature_channels=WIDTHS[-1])
