"""What lpg itself makes of the arrays that a graph is asked: its own padding, flips and filter, not the graph's.

In float32, as graphs are, also where lpg would apply its networks in bfloat16; and of arrays that need no scaling, for
that is outside the graph.
"""

from copy import copy

import torch
from torch import Tensor, nn

from lpg.generators.learned.apply import LearnedGenerator
from lpg.generators.learned.pairs import BLANK_SCORE
from lpg.generators.learned.recipe import BoxRecipe, ImageRecipe
from lpg.generators.single import single
from lpg.segmenter.apply import Segmenter

CONTEXT = 4 / 3  # of a box that leaves an eighth of the image free on every side
EIGHTH = 8


def masks_of_generator(graph: nn.Module, inputs: dict[str, Tensor]) -> Tensor | None:
    """The object of every sample, bool (N, H, W); None of a size that lpg never shows to this generator.

    Arguments:
        graph: a `GeneratorGraph`.
        inputs: its inputs; `view: box` asks windows, which are squares, with the box in the middle.
    """
    height, width = inputs["image"].shape[-2:]
    recipe = graph.recipe
    if recipe.view == "box" and (height != width or height % graph.multiple or height % EIGHTH):
        return None
    generator = LearnedGenerator(in_float32(graph.network), unscaled(recipe, height))
    requests = []
    for image, boxes, score in zip(*inputs.values(), strict=True):
        blank = recipe.score_dropout > 0 and bool((score == BLANK_SCORE).all())
        pixels = image.permute(1, 2, 0).numpy()
        requests.append(single(pixels, _box(boxes[0]), None if blank else score[0].numpy()))
    return torch.stack([torch.from_numpy(found.foreground[0] > 127) for found in generator(requests)])


def labels_of_segmenter(graph: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """The class of every pixel, uint8 (N, H, W), of a `SegmenterGraph`'s inputs."""
    segmenter = Segmenter(in_float32(graph.network), graph.recipe.model_copy(update={"long_side": None}), graph.classes)
    photographs = (image.permute(1, 2, 0).numpy() for image in inputs["image"])
    return torch.stack([torch.from_numpy(segmenter.labels(photograph)) for photograph in photographs])


def unscaled(recipe: ImageRecipe | BoxRecipe, side: int) -> ImageRecipe | BoxRecipe:
    """A recipe by which lpg asks the network of the very pixels: whole images, or squares of a side around a box."""
    apply = recipe.apply.model_copy(update={"scale": (1.0,), "score_weight": 0.0})
    if recipe.view == "image":
        return recipe.model_copy(update={"long_side": None, "apply": apply})
    apply = apply.model_copy(update={"context": CONTEXT, "magnify": None})
    return recipe.model_copy(update={"crop": side, "apply": apply})


def in_float32(network: nn.Module) -> nn.Module:
    """A network of the same weights that computes in float32, whatever arithmetic it is applied in."""
    exact = copy(network)
    exact.forward = torch.autocast("cpu", enabled=False)(network.forward)
    return exact


def _box(box_map: Tensor) -> tuple[int, int, int, int]:
    """x0 y0 x1 y1 of the one box of a box map, uint8 (H, W)."""
    rows, columns = (torch.nonzero(box_map.amax(dim=axis)).flatten() for axis in (1, 0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
