"""The Hourglass generator (Newell et al., ECCV 2016; Table II of the paper: 12.1 M parameters)."""

from torch import Tensor, nn
from torch.nn import functional


class Residual(nn.Module):
    """Two 3×3 convolutions and a skip; a 1×1 convolution on the skip where the shape changes."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.skip = nn.Sequential()
        if stride != 1 or in_channels != out_channels:
            self.skip = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.body(x) + self.skip(x), inplace=True)


class HourglassLevel(nn.Module):
    """One level of the recursion: a branch at this resolution beside everything at half of it.

    The coarse branch is resized to the fine one rather than doubled, so that an odd size is legal.
    """

    def __init__(self, widths: tuple[int, ...], blocks: tuple[int, ...]) -> None:
        super().__init__()
        here, below = widths[:2]
        self.branch = nn.Sequential(*(Residual(here, here) for _ in range(blocks[0])))
        self.down = nn.Sequential(
            Residual(here, below, stride=2),
            *(Residual(below, below) for _ in range(blocks[0] - 1)),
        )
        if len(widths) > 2:
            self.inner = HourglassLevel(widths[1:], blocks[1:])
        else:
            self.inner = nn.Sequential(*(Residual(below, below) for _ in range(blocks[1])))
        self.up = nn.Sequential(
            *(Residual(below, below) for _ in range(blocks[0] - 1)),
            Residual(below, here),
        )

    def forward(self, x: Tensor) -> Tensor:
        fine = self.branch(x)
        coarse = self.up(self.inner(self.down(x)))
        return fine + functional.interpolate(coarse, size=fine.shape[-2:])


class Hourglass(nn.Module):
    """One stack of a five-level Hourglass on a stem of stride 4, with a two-channel head.

    Arguments:
        in_channels: image 3, box map 1, score 1.
        widths, blocks: channels and residual modules from the finest level to the coarsest.

    `forward` takes (N, in_channels, H, W) float32 and gives logits (N, 2, ceil(H/4), ceil(W/4)):
    channel 0 for everything else, channel 1 for the object.
    """

    stride = 4

    def __init__(
        self,
        in_channels: int = 5,
        widths: tuple[int, ...] = (96, 96, 128, 128, 128, 192),
        blocks: tuple[int, ...] = (2, 2, 2, 2, 2, 4),
        head_width: int = 256,
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(in_channels, widths[0] // 2, 7, stride=2, padding=3, bias=False),
            nn.BatchNorm2d(widths[0] // 2),
            nn.ReLU(inplace=True),
            Residual(widths[0] // 2, widths[0], stride=2),
        )
        self.hourglass = HourglassLevel(widths, blocks)
        self.head = nn.Sequential(
            nn.Conv2d(widths[0], head_width, 3, padding=1, bias=False),
            nn.BatchNorm2d(head_width),
            nn.ReLU(inplace=True),
            nn.Conv2d(head_width, widths[0], 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(widths[0], 2, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.hourglass(self.stem(x)))
