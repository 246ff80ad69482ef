"""The network of a recipe."""

from lpg.networks.build import build_segmenter
from lpg.networks.protocols import SegmenterNetwork
from lpg.segmenter.recipe import SegmenterRecipe
from lpg.segmenter.registry import MASKING


def build_network(recipe: SegmenterRecipe, classes: int) -> SegmenterNetwork:
    """f as the recipe trains, stores and applies it, for `classes` classes, background included."""
    network = build_segmenter(recipe.architecture, classes, recipe.trunk, recipe.output_stride)
    return MASKING.open()(network, classes) if recipe.masking else network
