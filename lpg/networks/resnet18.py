"""A light ResNet18 segmenter at stride 8: for machines without a GPU."""

from torch import Tensor, nn
from torch.nn import functional
from torchvision.models import resnet18


class ResNet18(nn.Module):
    """torchvision's ResNet18, whose strides 8, 16 and 32 are summed at stride 8 and then classified.

    `forward` takes (N, 3, H, W) float32 and gives logits (N, classes, ceil(H/8), ceil(W/8)). The sum is of features
    behind 1×1 convolutions, as in an FPN (Lin et al., CVPR 2017), but each level is resized to stride 8 at once.
    """

    stride = 8
    scales = (1.0,)

    def __init__(self, classes: int, width: int = 128) -> None:
        super().__init__()
        self.feature_channels = width
        trunk = resnet18(weights=None)
        del trunk.avgpool, trunk.fc
        self.trunk = trunk
        self.lateral = nn.ModuleList(nn.Conv2d(channels, width, 1) for channels in (128, 256, 512))
        self.smooth = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True)
        )
        self.classifier = nn.Conv2d(width, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.classify(self.represent(x))

    def represent(self, x: Tensor) -> Tensor:
        """What the classifier sees."""
        trunk = self.trunk
        x = trunk.maxpool(trunk.relu(trunk.bn1(trunk.conv1(x))))
        x = trunk.layer1(x)
        features = [x := layer(x) for layer in (trunk.layer2, trunk.layer3, trunk.layer4)]
        fine, *coarse = (lateral(feature) for lateral, feature in zip(self.lateral, features, strict=True))
        for level in coarse:
            fine = fine + functional.interpolate(level, size=fine.shape[-2:], mode="bilinear")
        return self.smooth(fine)

    def classify(self, features: Tensor) -> Tensor:
        return self.classifier(features)

    def last_layers(self) -> list[nn.Module]:
        """The layers of Table I's "last" rows."""
        return [self.classifier]

    def load_trunk(self, weights: dict[str, Tensor]) -> None:
        """Start from torchvision's ResNet18."""
        self.trunk.load_state_dict({key: value for key, value in weights.items() if not key.startswith("fc.")})
