"""DeepLab-LargeFOV on VGG16 (Chen et al., ICLR 2015)."""

from torch import Tensor, nn
from torchvision.models.vgg import cfgs, make_layers


class LargeFov(nn.Module):
    """VGG16 at stride 8 with a convolutional fc6 of dilation 12.

    `forward` takes (N, 3, H, W) float32 and gives logits (N, classes, ceil(H/8), ceil(W/8)).
    """

    stride = 8
    scales = (1.0,)
    feature_channels = 1024

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(*_dilate(make_layers(cfgs["D"])))
        self.fc6 = nn.Conv2d(512, 1024, 3, padding=12, dilation=12)
        self.fc7 = nn.Conv2d(1024, 1024, 1)
        self.relu = nn.ReLU(inplace=True)
        self.dropout = nn.Dropout(0.5)
        self.classifier = nn.Conv2d(1024, classes, 1)
        for layer in (*self.features, self.fc6, self.fc7):
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
                nn.init.zeros_(layer.bias)
        nn.init.normal_(self.classifier.weight, std=0.01)
        nn.init.zeros_(self.classifier.bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.classify(self.represent(x))

    def represent(self, x: Tensor) -> Tensor:
        """What the classifier sees."""
        x = self.features(x)
        x = self.dropout(self.relu(self.fc6(x)))
        return self.dropout(self.relu(self.fc7(x)))

    def classify(self, features: Tensor) -> Tensor:
        return self.classifier(features)

    def last_layers(self) -> list[nn.Module]:
        """The layers of Table I's "last" rows."""
        return [self.classifier]

    def load_trunk(self, weights: dict[str, Tensor]) -> None:
        """Start from torchvision's VGG16: fc6 and fc7 are its fully connected layers, subsampled.

        Every fourth of the 4,096 units stays, and of the 7×7 positions the first, middle and last per axis.
        """
        self.features.load_state_dict(
            {key.removeprefix("features."): value for key, value in weights.items() if key.startswith("features.")}
        )
        fc6 = weights["classifier.0.weight"].view(4096, 512, 7, 7)[::4, :, ::3, ::3]
        fc7 = weights["classifier.3.weight"][::4, ::4, None, None]
        self.fc6.load_state_dict({"weight": fc6, "bias": weights["classifier.0.bias"][::4]})
        self.fc7.load_state_dict({"weight": fc7, "bias": weights["classifier.3.bias"][::4]})


def _dilate(layers: nn.Sequential) -> list[nn.Module]:
    """The last two poolings keep the resolution, and conv5 is dilated instead; poolings are 3×3 as in DeepLab."""
    dilated, pools = [], 0
    for layer in layers:
        if isinstance(layer, nn.MaxPool2d):
            pools += 1
            layer = nn.MaxPool2d(3, stride=2 if pools <= 3 else 1, padding=1)
        elif isinstance(layer, nn.Conv2d) and pools == 4:
            layer.dilation, layer.padding = (2, 2), (2, 2)
        dilated.append(layer)
    return [*dilated, nn.AvgPool2d(3, stride=1, padding=1)]
