"""A generator as one graph: what `LearnedGenerator` asks its network, from 8-bit channels to a soft mask."""

from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from lpg.generators.learned.apply import LearnedGenerator
from lpg.generators.learned.pairs import BLANK_SCORE, input_multiple, network_input
from lpg.graphs.own_way import masks_of_generator
from lpg.graphs.padding import pad_with
from lpg.pixels.guided import colour_functions, mask_of_colours


class GeneratorGraph(nn.Module):
    """Soft masks of single boxes or classes, the mirrored image's averaged in if the recipe says so.

    With a guided filter in the recipe also what that gives: the functions that say of every pixel of the photograph, by
    its colour, how far it is object. What `LearnedGenerator` does before and after stays outside: windows, the leaning
    on a segmenter's scores (`score_weight`), and asking the functions where the mask belongs.

    Attributes:
        inputs, outputs: by name, the names of their dynamic axes in order; None for an axis that is fixed.
        multiple: sides that are multiples of it are not padded.
        blind: whether the network has never seen a score; then none is looked at.
    """

    inputs: ClassVar = {name: ("batch", None, "height", "width") for name in ("image", "box_map", "score")}

    def __init__(self, generator: LearnedGenerator) -> None:
        super().__init__()
        self.network, self.recipe, self.blind = generator.model, generator.recipe, generator.blind
        self.outputs = {"foreground": ("batch", "height", "width")}
        if self.recipe.apply.guided_radius:
            self.outputs["functions"] = ("batch", None, "height", "width")
        self.multiple = input_multiple(self.recipe.view, self.network.multiple)

    @classmethod
    def load(cls, path: str | Path, apply: dict | None = None) -> "GeneratorGraph":
        """The graph of a checkpoint's generator; `apply` as for `LearnedGenerator.load`."""
        return cls(LearnedGenerator.load(path, apply=apply)).eval()

    def forward(self, image: Tensor, box_map: Tensor, score: Tensor) -> tuple[Tensor, ...]:
        """The soft masks, float32 (N, H, W), and, with a guided filter, the functions, float32 (N, 4, H, W).

        Arguments:
            image: uint8 (N, 3, H, W).
            box_map, score: uint8 (N, 1, H, W), 255 for 1.
        """
        outside = torch.cat([self.network.normalisation.mean_colour, torch.zeros(1, dtype=torch.uint8)])
        seen = pad_with(torch.cat([image, box_map], dim=1), self.multiple, outside)
        channels = torch.cat([seen, self._padded_score(score)], dim=1)
        soft = self._soft(network_input(channels, self.network.normalisation))
        height, width = image.shape[-2:]
        if not self.recipe.apply.guided_radius:
            return (soft[:, :height, :width],)
        functions = colour_functions(channels[:, :3] / 255, soft, self._radius(soft))
        return soft[:, :height, :width], functions[..., :height, :width]

    def mask(self, outputs: dict[str, Tensor], inputs: dict[str, Tensor]) -> Tensor:
        """What the outputs say is object, bool (N, H, W)."""
        inside = inputs["box_map"][:, 0] > 0
        if "functions" not in outputs:
            return (outputs["foreground"] >= 0.5) & inside
        masks = [mask_of_colours(*one) for one in zip(outputs["functions"], inputs["image"], strict=True)]
        return (torch.stack(masks) > 127) & inside

    def in_lpg(self, inputs: dict[str, Tensor]) -> Tensor | None:
        """The masks that lpg makes of these inputs by its own way; None if it never makes such."""
        return masks_of_generator(self, inputs)

    def _padded_score(self, score: Tensor) -> Tensor:
        """The score as `LearnedGenerator` shows it: outside 0, as in training, and blank if it is blank itself."""
        if self.blind:
            score = torch.full_like(score, BLANK_SCORE)
        if not self.recipe.score_dropout:  # every score is one
            return pad_with(score, self.multiple, torch.zeros(1))
        unlike = (score.float() - BLANK_SCORE).abs().amax(dim=(2, 3))
        return pad_with(score, self.multiple, BLANK_SCORE * (unlike == 0).float())

    def _soft(self, x: Tensor) -> Tensor:
        soft = self._foreground(x)
        return (soft + self._foreground(x.flip(-1)).flip(-1)) / 2 if self.recipe.apply.flip else soft

    def _foreground(self, x: Tensor) -> Tensor:
        return functional.interpolate(self.network(x), size=x.shape[-2:], mode="bilinear").softmax(dim=1)[:, 1]

    def _radius(self, soft: Tensor) -> Tensor:
        """The radius of the guided filter, in pixels: a tensor, for the graph learns the size when it is asked."""
        height, width = (torch.as_tensor(side) for side in soft.shape[-2:])
        return (self.recipe.apply.guided_radius * torch.maximum(height, width).double()).round().clamp(min=1)
