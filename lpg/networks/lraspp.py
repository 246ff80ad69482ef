"""LR-ASPP on MobileNetV3 (Howard et al., ICCV 2019), torchvision's: a segmenter that a CPU can train."""

from torch import Tensor, nn
from torchvision.models.segmentation import lraspp_mobilenet_v3_large

MOMENTUM = 0.1  # of the running statistics; torchvision's 0.01 takes hundreds of iterations to reach the network's own


class Lraspp(nn.Module):
    """MobileNetV3-Large at stride 16 with a fused stride-8 branch.

    `forward` takes (N, 3, H, W) float32 and gives logits (N, classes, ceil(H/8), ceil(W/8)).
    """

    stride = 8
    scales = (1.0,)
    feature_channels = None  # its classifier sees two feature maps

    def __init__(self, classes: int) -> None:
        super().__init__()
        network = lraspp_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=classes)
        self.backbone, self.classifier = network.backbone, network.classifier
        for module in self.backbone.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = MOMENTUM

    def forward(self, x: Tensor) -> Tensor:
        return self.classify(self.represent(x))

    def represent(self, x: Tensor) -> dict[str, Tensor]:
        """What the classifiers see: features of stride 8 and of stride 16."""
        return self.backbone(x)

    def classify(self, features: dict[str, Tensor]) -> Tensor:
        return self.classifier(features)

    def last_layers(self) -> list[nn.Module]:
        """The layers of Table I's "last" rows."""
        return [self.classifier.low_classifier, self.classifier.high_classifier]

    def load_trunk(self, weights: dict[str, Tensor]) -> None:
        """Start from torchvision's MobileNetV3-Large."""
        prefix = "features."
        self.backbone.load_state_dict(
            {key.removeprefix(prefix): value for key, value in weights.items() if key.startswith(prefix)}
        )
