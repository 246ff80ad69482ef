"""U-Net (Ronneberger et al., MICCAI 2015) on a pretrained encoder: a segmenter, and a generator of two classes."""

import segmentation_models_pytorch as smp
from segmentation_models_pytorch.base import SegmentationHead

from lpg.networks.encoder_decoder import EncoderDecoder

WIDTHS = (128, 96, 64, 32, 16)  # of the decoder, from stride 16 to the input's own resolution
BLOCKS = {4: 3, 2: 4, 1: 5}  # of the decoder, by stride of the logits


class UNet(EncoderDecoder):
    """U-Net on an encoder of timm.

    `forward` takes (N, in_channels, H, W) float32, sides multiples of 32, and gives logits (N, classes, H/s, W/s).

    Arguments:
        in_channels: a segmenter sees 3; a generator 5: image 3, box map 1, score 1.
        output_stride: s, 1, 2 or 4; without the finest levels of the decoder a crop takes less time.
    """

    def __init__(self, classes: int, trunk: str, output_stride: int, in_channels: int = 3) -> None:
        model = smp.Unet(
            f"tu-{trunk}", encoder_weights=None, in_channels=in_channels, classes=classes, decoder_channels=WIDTHS
        )
        blocks = BLOCKS[output_stride]
        if blocks < len(WIDTHS):
            model.decoder.blocks = model.decoder.blocks[:blocks]
            model.segmentation_head = SegmentationHead(WIDTHS[blocks - 1], classes)
        super().__init__(model, stride=output_stride, feature_channels=WIDTHS[blocks - 1])
