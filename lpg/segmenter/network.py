"""The network of a recipe, and the multiple of pixels that it is fed in, in training and afterwards."""

from lpg.networks.build import build_segmenter
from lpg.networks.protocols import SegmenterNetwork
from lpg.segmenter.recipe import SegmenterRecipe
from lpg.segmenter.registry import MASKING

# Crops and whole photographs are padded to it, the coarsest stride of any trunk. So a logit stands for the same pixels
# in training and afterwards, at every scale; unpadded crops of 321 pixels would shift every mask by 3.5 pixels.
MULTIPLE = 32


def build_network(recipe: SegmenterRecipe, classes: int, initialisation: str = "none") -> SegmenterNetwork:
    """f as the recipe trains, stores and applies it, for `classes` classes, background included."""
    network = build_segmenter(recipe.architecture, classes, initialisation, recipe.trunk, recipe.output_stride)
    return MASKING.open()(network, classes) if recipe.masking else network
