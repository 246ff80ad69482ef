"""A segmenter as one graph: what `Segmenter` asks its network, from a photograph to scores of every pixel."""

from pathlib import Path
from typing import ClassVar

from torch import Tensor, nn
from torch.nn import functional

from lpg.graphs.own_way import labels_of_segmenter
from lpg.graphs.padding import pad_with
from lpg.networks.multiscale import multiscale_logits
from lpg.segmenter.apply import Segmenter


class SegmenterGraph(nn.Module):
    """Scores of every class and the likeliest of them, the mirrored image's averaged in if the recipe says so.

    Scaling a photograph to the recipe's `long_side` stays outside, and so does a dense CRF.

    Attributes:
        inputs, outputs, multiple: as of `GeneratorGraph`.
    """

    inputs: ClassVar = {"image": ("batch", None, "height", "width")}
    outputs: ClassVar = {
        "scores": ("batch", None, "height", "width"),
        "labels": ("batch", "height", "width"),
    }

    def __init__(self, segmenter: Segmenter) -> None:
        super().__init__()
        self.network, self.recipe, self.classes = segmenter.network, segmenter.recipe, segmenter.classes
        self.multiple = self.network.multiple

    @classmethod
    def load(cls, path: str | Path, apply: dict | None = None) -> "SegmenterGraph":
        """The graph of a checkpoint's segmenter.

        Arguments:
            apply: how it is applied, as `Segmenter.load` takes it, where that is another way than its own.
        """
        return cls(Segmenter.load(path, **(apply or {}))).eval()

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """The softmax scores, float32 (N, classes, H, W), and class ids, uint8 (N, H, W), of uint8 (N, 3, H, W)."""
        normalisation = self.network.normalisation
        x = normalisation(pad_with(image, self.multiple, normalisation.mean_colour))
        scores = self._softmax(x)
        if self.recipe.flip_test:
            scores = (scores + self._softmax(x.flip(-1)).flip(-1)) / 2
        whole = functional.interpolate(scores, size=x.shape[-2:], mode="bilinear")
        scores = whole[..., : image.shape[-2], : image.shape[-1]]
        return scores, scores.argmax(dim=1).to(image.dtype)

    def mask(self, outputs: dict[str, Tensor], inputs: dict[str, Tensor]) -> Tensor:
        """The class of every pixel, uint8 (N, H, W)."""
        return outputs["labels"]

    def in_lpg(self, inputs: dict[str, Tensor]) -> Tensor:
        """The labels that lpg gives these inputs by its own way."""
        return labels_of_segmenter(self, inputs)

    def _softmax(self, x: Tensor) -> Tensor:
        return multiscale_logits(self.network, x)[-1].softmax(dim=1)
