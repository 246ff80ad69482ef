"""What a network must have to be trained and applied as a segmenter f or as a generator g."""

from typing import Any, Protocol

from torch import Tensor, nn

from lpg.pixels.colours import Normalisation


class SegmenterNetwork(Protocol):
    """A segmenter: an `nn.Module` that is built from its number of classes, background included.

    Attributes:
        stride: pixels of its input per logit.
        scales: the input scales whose logits are fused, the first of them 1.
        feature_channels: of what `represent` gives, if that is one feature map (N, channels, h, w); else None.
        normalisation: of the images that it wants; `lpg.networks.build` sets it, and it goes into the checkpoint.
        multiple: the sides of its inputs are multiples of it (the registry's).
    """

    stride: int
    multiple: int
    scales: tuple[float, ...]
    feature_channels: int | None
    normalisation: Normalisation

    def __call__(self, x: Tensor) -> Tensor:
        """The logits (N, classes, ceil(H / stride), ceil(W / stride)) of images, float32 (N, 3, H, W)."""

    def represent(self, x: Tensor) -> Any:
        """What the classifier sees: one feature map (N, feature_channels, h, w), unless `feature_channels` is None."""

    def classify(self, features: Any) -> Tensor:
        """The logits (N, classes, h, w) from what `represent` gives."""

    def last_layers(self) -> list[nn.Module]:
        """The layers of Table I's "last" rows, which learn at a rate of their own."""

    def load_trunk(self, weights: dict[str, Tensor]) -> None:
        """Start from the state dict that the registry's `weights` names, or of the encoder's classifier in timm."""

    def trunk_layers(self) -> list[nn.Module]:
        """The layers that learn at `trunk_factor` times the rate; for networks on an encoder of timm."""


class GeneratorNetwork(Protocol):
    """A generator: an `nn.Module` that takes any size of at least 32.

    Attributes:
        stride: pixels of its input per logit.
        multiple: the sides of its inputs are multiples of it (the registry's).
        normalisation: of the three image channels; `lpg.networks.build` sets it, and it goes into the checkpoint.
    """

    stride: int
    multiple: int
    normalisation: Normalisation

    def __call__(self, x: Tensor) -> Tensor:
        """The logits (N, 2, h, w), everything else and object, of float32 (N, 5, H, W): image 3, box map, score."""

    def load_trunk(self, weights: dict[str, Tensor]) -> None:
        """Start the trunk, if any, from the state dict that the registry's `weights` names, or of timm's classifier."""

    def trunk_layers(self) -> list[nn.Module]:
        """The layers that learn at `trunk_factor` times the rate; for networks on an encoder of timm."""
