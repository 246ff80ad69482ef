"""Every network by name. A new one is a module in this folder and a line in one of the two tables. No torch here.

A line says which class of which module it is, where the weights of its trunk come from and how they want their images,
and the numbers of a recipe in which it differs from the defaults: Table I's ResNet101 stands here, Table I's LargeFOV
and generator are the defaults of `SegmenterRecipe` and of `GeneratorRecipe`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lpg.jobs.lines import Line
from lpg.pixels.crf import LARGEFOV_CRF, RESNET101_CRF, CrfSettings

IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # mean and deviation that torchvision's weights want


@dataclass(frozen=True)
class Network(Line):
    """One network: a class that is built from `arguments`, a segmenter also from its number of classes.

    Attributes:
        weights: the name of torchvision's ImageNet weights of its trunk, as `torchvision.models.get_weight` takes it;
            None for a network without a trunk.
        normalisation: mean and deviation of the images that the trunk was trained with, RGB in [0, 1].
        numbers: fields of the recipe that differ from the defaults.
        crf: of a segmenter, the dense CRF after it.
        single_features: of a segmenter, whether one feature map stands behind all its logits (`feature_channels`).
    """

    weights: str | None = None
    normalisation: tuple[tuple[float, float, float], tuple[float, float, float]] = IMAGENET
    arguments: Mapping[str, object] = field(default_factory=dict)
    numbers: Mapping[str, object] = field(default_factory=dict)
    crf: CrfSettings | None = None
    single_features: bool = True

    def identity(self) -> tuple:
        facts = self.arguments, self.numbers
        return *super().identity(), self.weights, self.normalisation, *(sorted(fact.items()) for fact in facts)


SEGMENTERS = {
    "largefov": Network("lpg.networks.largefov", "LargeFov", weights="VGG16_Weights.IMAGENET1K_V1", crf=LARGEFOV_CRF),
    "resnet101": Network(
        "lpg.networks.deeplab_v2",
        "DeepLabV2",
        weights="ResNet101_Weights.IMAGENET1K_V1",
        numbers={"iterations": 40_000, "batch": 10, "learning_rate": 2.5e-4},
        crf=RESNET101_CRF,
    ),
    "lraspp": Network(
        "lpg.networks.lraspp",
        "Lraspp",
        weights="MobileNet_V3_Large_Weights.IMAGENET1K_V1",
        numbers={"iterations": 20_000, "batch": 16, "learning_rate": 1e-2},
        crf=RESNET101_CRF,
        single_features=False,
    ),
    "resnet18": Network(
        "lpg.networks.resnet18",
        "ResNet18",
        weights="ResNet18_Weights.IMAGENET1K_V1",
        numbers={"iterations": 20_000, "batch": 16},
        crf=RESNET101_CRF,
    ),
}

GENERATORS = {
    "hourglass": Network("lpg.networks.hourglass", "Hourglass"),
    "resnet18": Network(
        "lpg.networks.resnet_generator",
        "ResNetGenerator",
        weights="ResNet18_Weights.IMAGENET1K_V1",
        arguments={"depth": 18},
    ),
    "resnet101": Network(
        "lpg.networks.resnet_generator",
        "ResNetGenerator",
        weights="ResNet101_Weights.IMAGENET1K_V1",
        arguments={"depth": 101},
    ),
}
