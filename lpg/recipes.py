"""The paper's numbers (Table I, sections IV-A and design decisions). Nothing else in the code repeats them.

A configuration may override any field of a recipe by its name.
"""

from dataclasses import asdict, dataclass, replace


@dataclass(frozen=True)
class SegmenterRecipe:
    """How a segmenter f is trained.

    Attributes:
        architecture: `largefov`, `resnet101`, `resnet18` or `lraspp`.
        initialisation: `imagenet`, `none`, or the path of torchvision's weights of the trunk.
        loss: `cross_entropy`, or `filling_rate` (BCM), which ignores the pixels that a class is least sure of.
        masking: learn BCM's class-wise attention maps from the boxes, and multiply the logits by them.
        iterations, batch: of one stage.
        optimizer: `sgd` (with `momentum`) or `adamw`.
        learning_rate: of the body; `last_factor` times that for the last layer; `bias_factor` times for biases.
        weight_decay: on weights; biases have none.
        crop: side of the training crops, pixels.
        long_side: photographs are scaled to it first; null keeps their size.
        scales: range of the random scale.
        jitter: range of the random brightness, contrast and saturation, 0 for none.
        flip_test: average the prediction with the mirrored image's.
    """

    architecture: str = "largefov"
    initialisation: str = "imagenet"
    loss: str = "cross_entropy"
    masking: bool = False
    iterations: int = 20_000
    batch: int = 30
    optimizer: str = "sgd"
    learning_rate: float = 1e-3
    last_factor: float = 10.0
    bias_factor: float = 2.0
    momentum: float = 0.9
    weight_decay: float = 5e-4
    crop: int = 321
    long_side: int | None = None
    scales: tuple[float, float] = (0.5, 1.5)
    jitter: float = 0.0
    flip_test: bool = False

    @property
    def by_filling_rates(self) -> bool:
        return self.loss == "filling_rate"

    @property
    def reads_boxes(self) -> bool:
        """Whether its loss looks at the box maps beside the labels."""
        return self.masking or self.by_filling_rates


@dataclass(frozen=True)
class GeneratorRecipe:
    """How a generator g is trained and applied.

    Attributes:
        architecture: `hourglass`, `resnet18` or `resnet101`.
        initialisation: of g^1, `none`, or for the ResNets `imagenet` or the path of torchvision's weights. The paper
            does not say what its generators start from.
        view: `image` (the paper: the whole image, all boxes of one class) or `box` (one box, cropped with context).
        iterations, batch, optimizer, learning_rate, weight_decay: of one stage; `adam` or `adamw`.
        crop: side of the network's input in training, and in `view: box` always, pixels.
        long_side: `view: image` scales photographs to it first; null keeps their size.
        scales: `view: image`, range of the random scale.
        focus: `view: image`, in place of `scales`: range of the side of the crop, in sides of a box of the class that
            it holds. Null crops anywhere, as the paper does.
        context: `view: box`, range of the random side of the crop, in sides of the box.
        test_context: `view: box`, the side of the crop when masks are generated.
        test_scale: the input when masks are generated, in sides of the training one (`crop` or `long_side`).
        outside_weight: the loss of a pixel outside the box map, where one inside counts 1.
        iou_weight: of the soft IoU loss inside the box map, beside the cross-entropy; 0 is the paper's Eq. 6.
        score_dropout: the part of the training samples whose score is blanked, so that g can do without a good one.
        target_stride: the loss is taken on masks of 1/stride of the input.
        jitter: range of the random brightness, contrast and saturation, 0 for none.
        minimum_side: boxes with a smaller side (pixels) are not trained on.
        flip_test: average the soft mask with the mirrored image's.
        guided_radius: upsample soft masks along the photograph's edges (`lpg.guided`): the filter's radius in parts of
            the input's longer side. 0, as in the paper, interpolates.
        relative_score: divide p_c by its highest value in the photograph. A weak segmenter's softmax is near the
            frequency of the class, which differs from dataset to dataset; a strong one's peaks at 1 anyway.
    """

    architecture: str = "hourglass"
    initialisation: str = "none"
    view: str = "image"
    iterations: int = 100_000
    batch: int = 32
    optimizer: str = "adam"
    learning_rate: float = 1e-4
    weight_decay: float = 5e-4
    crop: int = 512
    long_side: int | None = None
    scales: tuple[float, float] = (0.5, 1.5)
    focus: tuple[float, float] | None = None
    context: tuple[float, float] = (1.15, 1.7)
    test_context: float = 1.3
    test_scale: float = 1.0
    outside_weight: float = 1.0
    iou_weight: float = 0.0
    score_dropout: float = 0.0
    target_stride: int = 4
    jitter: float = 0.0
    minimum_side: float = 0.0
    flip_test: bool = False
    guided_radius: float = 0.0
    relative_score: bool = False


@dataclass(frozen=True)
class CrfSettings:
    """A dense CRF of two Gaussian kernels (DeepLab, Chen et al., ICLR 2015, Eq. 3).

    Attributes:
        bilateral_weight, bilateral_xy_std, bilateral_rgb_std: of the kernel over positions (pixels) and colours
            (0 to 255).
        smoothness_weight, smoothness_xy_std: of the kernel over positions alone.
        iterations: of mean field.
    """

    bilateral_weight: float
    bilateral_xy_std: float
    bilateral_rgb_std: float
    smoothness_weight: float
    smoothness_xy_std: float
    iterations: int = 10


SEGMENTERS = {
    "largefov": SegmenterRecipe(),
    "resnet101": SegmenterRecipe(architecture="resnet101", iterations=40_000, batch=10, learning_rate=2.5e-4),
    "lraspp": SegmenterRecipe(architecture="lraspp", iterations=20_000, batch=16, learning_rate=1e-2),
    "resnet18": SegmenterRecipe(architecture="resnet18", iterations=20_000, batch=16),
}
GENERATORS = {name: GeneratorRecipe(architecture=name) for name in ("hourglass", "resnet18", "resnet101")}

# DeepLab's authors state these on the pages of their trained models, DeepLab-LargeFOV and DeepLab-v2 ResNet101, which
# several re-implementations quote. The example script of their released code, run_densecrf.sh, has 49 for the 121.
_LARGEFOV_CRF = CrfSettings(4, 121, 5, 3, 3)
_RESNET101_CRF = CrfSettings(4, 67, 3, 3, 1)
CRF = {
    "largefov": _LARGEFOV_CRF,
    "resnet101": _RESNET101_CRF,
    "lraspp": _RESNET101_CRF,  # none is published for the light networks
    "resnet18": _RESNET101_CRF,
}

# How a finished generator makes masks: what training does not look at, and a run that borrows one may change.
TEST_FIELDS = ("test_context", "test_scale", "flip_test", "guided_radius")

ADAM_BETAS = (0.9, 0.999)
POLY_POWER = 0.9


def segmenter_recipe(settings: dict) -> SegmenterRecipe:
    """The recipe of `settings["architecture"]` with the other settings laid over it."""
    return _override(SEGMENTERS[settings["architecture"]], settings)


def generator_recipe(settings: dict) -> GeneratorRecipe:
    """The recipe of `settings["architecture"]` with the other settings laid over it."""
    return _override(GENERATORS[settings["architecture"]], settings)


def _override(recipe, settings: dict):
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in settings.items()}
    return replace(recipe, **values)


def as_settings(recipe: SegmenterRecipe | GeneratorRecipe) -> dict:
    """The recipe as plain values, for a checkpoint."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(recipe).items()}
