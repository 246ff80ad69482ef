"""How a generator g is trained, and how it is applied. The defaults are the paper's (Table I, section IV-A).

Of crops and weight decay the paper says nothing.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, Strict, WithJsonSchema

from lpg.networks.registry import GENERATORS
from lpg.training.recipe import (
    Amount,
    Count,
    Flag,
    Part,
    Positive,
    Range,
    Recipe,
    Settings,
    Text,
    ascending,
    numbers_of,
)

Context = Annotated[float, Strict(), Field(ge=1)]
NUMBER = {"type": "number", "exclusiveMinimum": 0}
Scales = Annotated[
    tuple[Positive, ...],
    Field(min_length=1),
    BeforeValidator(lambda value: value if isinstance(value, list | tuple) else [value]),
    WithJsonSchema({"anyOf": [NUMBER, {"type": "array", "items": NUMBER, "minItems": 1}]}),
]
Focus = Annotated[tuple[Context, Context], AfterValidator(ascending)]


class Apply(Settings):
    """How a trained generator makes masks. Training does not look at it: a change makes masks anew and trains no g."""

    elsewhere: ClassVar[dict[str, str]] = dict.fromkeys(("context", "magnify"), "it belongs to view: box")

    scale: Scales = (1.0,)
    """the input, in sides of the training one; rounded to the network's multiple, best at one of 32. Of a list the soft
    masks are averaged"""
    flip: Flag = False
    """average the soft mask with the mirrored image's"""
    guided_radius: Annotated[float, Strict(), Field(ge=0, lt=0.5)] = 0.0
    """upsample soft masks along the photograph's edges with a guided filter of this radius, in parts of the input's
    longer side; 0, as in the paper, interpolates"""
    score_weight: Amount = 0.0
    """this times the logit of the score is added to that of the soft mask, where there is a score: what a segmenter has
    learned since, the generator need not have seen in training; 0 is the paper's"""
    fusion: Literal["overlap", "odds"] = "overlap"
    """which class has a pixel that several claim: the one of the higher `overlap` rate, which is the smaller mask's, as
    in the paper, or of the higher `odds`, those of its soft mask there over the cube of its area: what is small mostly
    lies on top"""


class BoxApply(Apply):
    """How a generator of `view: box` makes masks."""

    context: Context = 1.3
    """side of the crop, in sides of the box"""
    magnify: Annotated[float, Strict(), Field(gt=0)] | None = None
    """a crop is shown at most so many times as large as it is, but no input is made smaller than five eighths of the
    training one by it: what a small box lacks in pixels, no input shows; null shows all crops at the same size"""


# How masks are made stands in that block: these keys beside it are refused with their place. One is a segmenter's word.
INSIDE = {key: f"write apply: {{{key}: …}}" for key in BoxApply.model_fields} | {"flip_test": "write apply: {flip: …}"}


class GeneratorRecipe(Recipe):
    """How a generator is trained, in either view."""

    architecture: Literal[tuple(GENERATORS)] = "hourglass"
    """which network"""
    initialisation: Text = "none"
    """of stage 1: `none`, `imagenet`, or the path of weights of the trunk, torchvision's or timm's"""
    iterations: Count = 100_000
    """of one stage"""
    batch: Annotated[int, Strict(), Field(ge=2)] = 32
    """samples at once; two or more, for their normalisation"""
    optimizer: Literal["adam", "adamw"] = "adam"
    """which optimizer"""
    learning_rate: Positive = 1e-4
    """at the first iteration; it falls by the poly schedule"""
    crop: Annotated[int, Strict(), Field(ge=32, multiple_of=4)] = 512
    """side of the network's input in training, pixels: a multiple of 4, for `unet` of 32"""
    outside_weight: Amount = 1.0
    """loss of a pixel outside the box map, where one inside counts 1"""
    iou_weight: Amount = 0.0
    """of the soft IoU beside the cross-entropy; 0 is the paper's Eq. 6"""
    score_dropout: Part = 0.0
    """part of the training samples whose score is blanked; above 0, it makes masks without a segmenter too"""
    target_stride: Literal[1, 2, 4] = 4
    """the loss is taken on masks of 1/stride of the input"""
    minimum_side: Amount = 0.0
    """boxes with a smaller side, in pixels, are not trained on"""
    loosen: Part = 0.0
    """in training every edge of a box moves outwards by a random part of the box's side, up to a limit that is drawn
    for each sample between 0 and this: as people draw boxes; 0 shows them as they are"""
    class_balance: Part = 0.0
    """from 0, every object of the auxiliary datasets is seen alike, to 1, every class is"""
    named_score: Flag = False
    """what the segmenter gives to classes that no box of the photograph names is shared out among those that are named:
    it may take a dog for a wolf, and its score still shows the dog; false is the paper's softmax"""


class ImageRecipe(GeneratorRecipe):
    """`view: image`: the whole photograph and all boxes of one class, as in the paper."""

    elsewhere: ClassVar[dict[str, str]] = INSIDE | Apply.elsewhere
    view: Literal["image"] = "image"
    """the whole photograph and all boxes of a class (the paper)"""
    long_side: Count | None = None
    """photographs are scaled to it first; null keeps their size"""
    scales: Range = (0.5, 1.5)
    """range of the random scale"""
    focus: Focus | None = None
    """in place of `scales`: range of the crop's side, in sides of a box of the class that it holds; null crops
    anywhere"""
    apply: Apply = Apply()
    """how it makes masks"""


class BoxRecipe(GeneratorRecipe):
    """`view: box`: one box at a time, cropped with context (Birodkar et al., ICCV 2021)."""

    elsewhere: ClassVar[dict[str, str]] = INSIDE | dict.fromkeys(
        ("long_side", "scales", "focus"), "it belongs to view: image"
    )
    view: Literal["box"]
    """one box, cropped with context"""
    context: Range = (1.15, 1.7)
    """range of the crop's side, in sides of the box"""
    apply: BoxApply = BoxApply()
    """how it makes masks"""


VIEWS: dict[str, type[GeneratorRecipe]] = {"image": ImageRecipe, "box": BoxRecipe}


def generator_recipe(settings: dict[str, Any]) -> ImageRecipe | BoxRecipe:
    """The recipe of an architecture and of a view, with the other settings laid over the paper's numbers.

    Raises:
        InputError: there is no such architecture.
    """
    view = VIEWS[settings.get("view", "image")]
    return view.model_validate({**numbers_of(GENERATORS, settings), **settings})
