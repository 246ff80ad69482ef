"""How a segmenter f is trained. The defaults are Table I's LargeFOV; the registry has what other networks change."""

from typing import Annotated, Literal

from pydantic import Field, Strict

from lpg.networks.registry import SEGMENTERS
from lpg.training.recipe import Amount, Count, Flag, Positive, Range, Recipe, Text, numbers_of


class SegmenterRecipe(Recipe):
    """How a segmenter is trained, and whether mirrored images are averaged when it is applied."""

    architecture: Literal[tuple(SEGMENTERS)] = "largefov"
    """picks the paper's numbers"""
    initialisation: Text = "imagenet"
    """of stage 0: `imagenet`, `none`, or the path of weights of the trunk, torchvision's or timm's"""
    loss: Literal["cross_entropy", "filling_rate"] = "cross_entropy"
    """`filling_rate` is BCM's, which ignores the pixels that a class is least sure of"""
    masking: Flag = False
    """learn BCM's class-wise attention maps from the boxes, and multiply the logits by them"""
    iterations: Count = 20_000
    """of one stage"""
    batch: Count = 30
    """samples at once"""
    optimizer: Literal["sgd", "adamw"] = "sgd"
    """`sgd` with `momentum`, or `adamw`"""
    momentum: Annotated[float, Strict(), Field(ge=0, lt=1)] = 0.9
    """of `sgd`"""
    learning_rate: Positive = 1e-3
    """of the body"""
    last_factor: Positive = 10.0
    """times that for the last layer"""
    bias_factor: Positive = 2.0
    """times that for biases"""
    weight_decay: Amount = 5e-4
    """on weights; biases have none"""
    crop: Annotated[int, Strict(), Field(ge=32)] = 321
    """side of the training crops, pixels; padded with void to what the network needs, as photographs are"""
    long_side: Count | None = None
    """photographs are scaled to it first; null keeps their size"""
    scales: Range = (0.5, 1.5)
    """range of the random scale"""
    flip_test: Flag = False
    """average the prediction with the mirrored image's; training does not look at it, and a `segmenter.pt` keeps what
    was said at its training"""

    @property
    def task(self) -> str:
        """Which line of `lpg.segmenter.registry.TASKS` trains it."""
        return "bcm" if self.masking or self.loss == "filling_rate" else "plain"


def segmenter_recipe(settings: dict) -> SegmenterRecipe:
    """The recipe of `settings["architecture"]` with the other settings laid over the paper's numbers.

    Raises:
        InputError: there is no such architecture.
    """
    return SegmenterRecipe.model_validate({**numbers_of(SEGMENTERS, settings), **settings})
