"""The ResNet generators (He et al., CVPR 2016; Table II of the paper: 11.1 M and 42.5 M parameters)."""

import torch
from torch import Tensor, nn
from torchvision.models import resnet18, resnet101

TRUNKS = {18: resnet18, 101: resnet101}


class ResNetGenerator(nn.Module):
    """torchvision's ResNet without its classifier, its first convolution widened, and a 1×1 head of two channels.

    Arguments:
        depth: 18 or 101 layers.
        in_channels: image 3, box map 1, score 1.

    `forward` takes (N, in_channels, H, W) float32 and gives logits (N, 2, ceil(H/8), ceil(W/8)): channel 0 for
    everything else, channel 1 for the object. The loss and the learned generator interpolate them to the input's size,
    as they do the Hourglass's.

    The paper names the trunks and their sizes, nothing else. At the ResNet's own stride of 32 an object of 60 pixels
    would have 2 × 2 logits, so the last two stages are dilated as in DeepLab (Chen et al., TPAMI 2017, section 3.1),
    which costs time and no parameter. All weights, those of the normalisations too, are trained.
    """

    stride = 8

    def __init__(self, depth: int, in_channels: int = 5) -> None:
        super().__init__()
        trunk = TRUNKS[depth](weights=None)
        width = trunk.fc.in_features
        self.stem = nn.Sequential(_widened(trunk.conv1, in_channels), trunk.bn1, trunk.relu, trunk.maxpool)
        self.layers = nn.Sequential(trunk.layer1, trunk.layer2, trunk.layer3, trunk.layer4)
        dilate(trunk.layer3, 2)
        dilate(trunk.layer4, 4)
        self.head = nn.Conv2d(width, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.layers(self.stem(x)))

    def load_trunk(self, weights: dict[str, Tensor]) -> None:
        """Start from torchvision's ResNet: at first the box map and the score count for nothing."""
        first = weights["conv1.weight"]
        rest = first.new_zeros(first.shape[0], self.stem[0].in_channels - first.shape[1], *first.shape[2:])
        self.stem[0].load_state_dict({"weight": torch.cat([first, rest], dim=1)})
        for name, part in [("bn1", self.stem[1]), *((f"layer{i}", layer) for i, layer in enumerate(self.layers, 1))]:
            part.load_state_dict(
                {key.removeprefix(f"{name}."): value for key, value in weights.items() if key.startswith(f"{name}.")}
            )


def _widened(first: nn.Conv2d, in_channels: int) -> nn.Conv2d:
    """A first convolution like `first` for more input channels."""
    wide = nn.Conv2d(in_channels, first.out_channels, 7, stride=2, padding=3, bias=False)
    nn.init.kaiming_normal_(wide.weight, mode="fan_out", nonlinearity="relu")
    return wide


def dilate(stage: nn.Sequential, dilation: int) -> None:
    """Keep the resolution in a stage of a ResNet, in place: no stride, and 3×3 convolutions `dilation` apart.

    The first block still sees the grid before the stride, so it takes half of it. torchvision has this for
    bottlenecks alone (`replace_stride_with_dilation`), not for ResNet18's blocks.
    """
    for index, block in enumerate(stage):
        for layer in block.modules():
            if isinstance(layer, nn.Conv2d):
                layer.stride = (1, 1)
                if layer.kernel_size == (3, 3):
                    step = dilation if index else dilation // 2
                    layer.dilation = layer.padding = (step, step)
