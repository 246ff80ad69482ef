"""DeepLab-v2 on ResNet101 (Chen et al., TPAMI 2017): atrous spatial pyramid, three input scales."""

from collections import OrderedDict

from torch import Tensor, nn
from torchvision.models import resnet101


class DeepLabV2(nn.Module):
    """ResNet101 at stride 8 and four parallel dilated classifiers, summed. Batch normalisation is frozen.

    `forward` takes (N, 3, H, W) float32 and gives logits (N, classes, ceil(H/8), ceil(W/8)) of one scale;
    `lpg.networks.multiscale` runs it at `scales` and fuses.
    """

    stride = 8
    scales = (1.0, 0.75, 0.5)
    feature_channels = 2048

    def __init__(self, classes: int, rates: tuple[int, ...] = (6, 12, 18, 24)) -> None:
        super().__init__()
        trunk = resnet101(weights=None, replace_stride_with_dilation=[False, True, True])
        del trunk.avgpool, trunk.fc
        self.trunk = nn.Sequential(OrderedDict(trunk.named_children()))
        self.aspp = nn.ModuleList(
            nn.Conv2d(self.feature_channels, classes, 3, padding=rate, dilation=rate) for rate in rates
        )
        for branch in self.aspp:
            nn.init.normal_(branch.weight, std=0.01)
            nn.init.zeros_(branch.bias)
        for module in self._normalisations():
            module.requires_grad_(False)

    def _normalisations(self) -> list[nn.BatchNorm2d]:
        return [module for module in self.modules() if isinstance(module, nn.BatchNorm2d)]

    def train(self, mode: bool = True) -> "DeepLabV2":
        super().train(mode)
        for module in self._normalisations():
            module.eval()
        return self

    def forward(self, x: Tensor) -> Tensor:
        return self.classify(self.represent(x))

    def represent(self, x: Tensor) -> Tensor:
        """What the classifiers see."""
        return self.trunk(x)

    def classify(self, features: Tensor) -> Tensor:
        return sum(branch(features) for branch in self.aspp)

    def last_layers(self) -> list[nn.Module]:
        """The layers of Table I's "last" rows: all four branches of the pyramid."""
        return list(self.aspp)

    def load_trunk(self, weights: dict[str, Tensor]) -> None:
        """Start from torchvision's ResNet101."""
        self.trunk.load_state_dict({key: value for key, value in weights.items() if not key.startswith("fc.")})
