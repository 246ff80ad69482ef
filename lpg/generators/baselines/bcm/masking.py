"""BCM's box-driven class-wise masking (Song et al., CVPR 2019): a segmenter learns where a class may respond."""

from torch import Tensor, nn

from lpg.errors import InputError
from lpg.networks.protocols import SegmenterNetwork

START = 0.01  # deviation of the maps' first weights


class ClassMasking(nn.Module):
    """A segmenter whose logits are multiplied, class by class, by an attention map in [0, 1] from the same features.

    The maps are trained to resemble the box maps (`BcmTask`), so that in a photograph without boxes a class is silent
    where no box of it would be. With a linear classifier, as LargeFOV's, masking the logits is
    masking the features of the class. All maps start at a half, as in the PyTorch code that BCM's authors released.

    Arguments:
        network: a segmenter with `feature_channels`; it is called as before, and so is this.
        classes: background included.
    """

    def __init__(self, network: SegmenterNetwork, classes: int) -> None:
        super().__init__()
        if network.feature_channels is None:
            raise InputError(
                f"masking: {type(network).__name__} has no single feature map to attend to",
                "take a segmenter that has one, such as resnet18",
            )
        self.network = network
        self.attention = nn.Conv2d(network.feature_channels, classes, 1)
        nn.init.normal_(self.attention.weight, std=START)
        nn.init.zeros_(self.attention.bias)
        self.stride, self.scales, self.feature_channels = network.stride, network.scales, network.feature_channels
        self.normalisation, self.multiple = network.normalisation, network.multiple

    def forward(self, x: Tensor) -> Tensor:
        return self.classify(self.represent(x))

    def represent(self, x: Tensor) -> Tensor:
        return self.network.represent(x)

    def classify(self, features: Tensor) -> Tensor:
        return self.network.classify(features) * self.attend(features)

    def attend(self, features: Tensor) -> Tensor:
        """The attention maps, (N, classes, h, w) in [0, 1], at the size of the features."""
        return self.attention(features).sigmoid()

    def load_trunk(self, weights: dict[str, Tensor]) -> None:
        """Start the trunk of the segmenter inside from a state dict, as `SegmenterNetwork.load_trunk` says."""
        self.network.load_trunk(weights)

    def trunk_layers(self) -> list[nn.Module]:
        """The layers of the segmenter inside that learn at `trunk_factor` times the rate."""
        return self.network.trunk_layers()

    def last_layers(self) -> list[nn.Module]:
        """The layers of Table I's "last" rows: those of the segmenter inside, and the attention's."""
        return [*self.network.last_layers(), self.attention]
