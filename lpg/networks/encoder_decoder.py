"""Networks on any encoder of timm with a decoder of segmentation_models_pytorch: what they have in common."""

from torch import Tensor, nn

from lpg.networks.trunks import fill_encoder


class EncoderDecoder(nn.Module):
    """An encoder, a decoder and a head in one.

    Arguments:
        model: of segmentation_models_pytorch, with `encoder`, `decoder` and `segmentation_head`.
        stride: pixels of its input per logit.
        feature_channels: of what the decoder gives.
    """

    scales = (1.0,)

    def __init__(self, model: nn.Module, stride: int, feature_channels: int) -> None:
        super().__init__()
        self.model, self.stride, self.feature_channels = model, stride, feature_channels

    def forward(self, x: Tensor) -> Tensor:
        return self.classify(self.represent(x))

    def represent(self, x: Tensor) -> Tensor:
        """What the classifier sees."""
        return self.model.decoder(self.model.encoder(x))

    def classify(self, features: Tensor) -> Tensor:
        return self.model.segmentation_head(features)

    def trunk_layers(self) -> list[nn.Module]:
        """What starts from a classifier's weights, and may learn at a rate of its own."""
        return [self.model.encoder]

    def last_layers(self) -> list[nn.Module]:
        """The layers of Table I's "last" rows."""
        return [self.model.segmentation_head]

    def load_trunk(self, weights: dict[str, Tensor]) -> None:
        """Start from the state dict of the encoder's classifier in timm; further input channels count for nothing."""
        fill_encoder(self.model.encoder.model, weights)
