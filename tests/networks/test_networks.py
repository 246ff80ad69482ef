"""Networks against independent sources: the paper's counts, torchvision's weights, plain arithmetic."""

from functools import partial

import pytest
import torch
from torchvision.models import Weights, WeightsEnum, get_weight, mobilenet_v3_large, resnet18, resnet101, vgg16
from torchvision.models.resnet import Bottleneck, ResNet

from lpg.errors import InputError
from lpg.networks.build import build_generator, build_segmenter
from lpg.networks.multiscale import multiscale_logits
from lpg.networks.registry import GENERATORS, SEGMENTERS
from lpg.networks.resnet_generator import dilate
from lpg.networks.weights import start_trunk, trunk_weights

TORCHVISION = {
    "largefov": partial(vgg16, init_weights=False),
    "resnet101": resnet101,
    "resnet18": resnet18,
    "lraspp": mobilenet_v3_large,
}


OWN_TRUNK = [name for name, line in SEGMENTERS.items() if not line.takes_trunk]  # the others: test_trunks.py


def count(network) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_hourglass_has_the_12_1_million_parameters_of_table_2():
    assert count(build_generator("hourglass")) == 12_120_370


@pytest.mark.parametrize("size", [(128, 128), (64, 96), (96, 160), (37, 50)])
def test_hourglass_gives_two_logits_at_stride_4_for_any_size(size):
    with torch.inference_mode():
        logits = build_generator("hourglass").eval()(torch.zeros(1, 5, *size))
    assert logits.shape == (1, 2, -(-size[0] // 4), -(-size[1] // 4))


@pytest.mark.parametrize(
    ("architecture", "source", "published"), [("resnet18", resnet18, 11.1), ("resnet101", resnet101, 42.5)]
)
def test_resnet_generators_are_torchvisions_trunk_with_two_more_channels_and_a_1x1_head(
    architecture, source, published
):
    with torch.device("meta"):  # counted, never filled
        whole, network = source(), build_generator(architecture)
    classifier, features = count(whole.fc), whole.fc.in_features
    expected = count(whole) - classifier + 2 * 64 * 7 * 7 + 2 * (features + 1)
    assert count(network) == expected == {"resnet18": 11_183_810, "resnet101": 42_510_530}[architecture]
    assert int(expected / 1e5) / 10 == published  # Table II truncates


def test_sixty_iterations_are_enough_for_the_running_statistics_of_lraspp():
    torch.manual_seed(0)
    network, batch = build_segmenter("lraspp", 3), torch.rand(8, 3, 64, 64)
    with torch.inference_mode():
        for _ in range(60):
            in_training = network.train()(batch)
        in_use = network.eval()(batch)
    assert (in_use - in_training).abs().mean() < 0.5 * in_training.std()


@pytest.mark.parametrize("size", [(32, 40), (37, 50)])
def test_a_resnet_generator_gives_two_logits_at_stride_8_for_any_size(size):
    with torch.inference_mode():
        logits = build_generator("resnet18").eval()(torch.zeros(1, 5, *size))
    assert logits.shape == (1, 2, -(-size[0] // 8), -(-size[1] // 8))


def test_dilation_by_hand_is_torchvisions():
    small = partial(ResNet, Bottleneck, [1, 1, 2, 2], width_per_group=4)
    reference, plain = small(replace_stride_with_dilation=[False, True, True]).eval(), small().eval()
    plain.load_state_dict(reference.state_dict())
    dilate(plain.layer3, 2)
    dilate(plain.layer4, 4)
    x = torch.randn(1, 512, 6, 5)
    with torch.inference_mode():
        assert torch.equal(plain.layer4(plain.layer3(x)), reference.layer4(reference.layer3(x)))


@pytest.mark.parametrize("architecture", OWN_TRUNK)
def test_segmenters_have_stride_8(architecture):
    network = build_segmenter(architecture, 7).eval()
    with torch.inference_mode():
        logits = multiscale_logits(network, torch.zeros(1, 3, 65, 97))[-1]
    assert network.stride == 8
    assert logits.shape == (1, 7, 9, 13)


@pytest.mark.parametrize("architecture", OWN_TRUNK)
def test_a_segmenter_classifies_what_it_represents_as_the_registry_says(architecture):
    network, x = build_segmenter(architecture, 3).eval(), torch.randn(1, 3, 33, 64)
    assert SEGMENTERS[architecture].single_features == (network.feature_channels is not None)
    with torch.inference_mode():
        features = network.represent(x)
        assert torch.equal(network.classify(features), network(x))
    if network.feature_channels is not None:
        assert features.shape == (1, network.feature_channels, 5, 8)


@pytest.mark.parametrize("line", [line for line in (*SEGMENTERS.values(), *GENERATORS.values()) if line.weights])
def test_a_network_wants_images_as_the_weights_of_its_trunk_do(line):
    wanted = get_weight(line.weights).transforms()
    assert line.normalisation == (tuple(wanted.mean), tuple(wanted.std))


@pytest.mark.parametrize("build", [partial(build_segmenter, "lraspp", 3), partial(build_generator, "hourglass")])
def test_a_network_carries_the_normalisation_of_its_images(build):
    grey = torch.full((3, 2, 2), 128, dtype=torch.uint8)
    normalised = build().normalisation(grey)[:, 0, 0].tolist()
    wanted = zip((0.485, 0.456, 0.406), (0.229, 0.224, 0.225), strict=True)
    assert normalised == pytest.approx([(128 / 255 - mean) / std for mean, std in wanted])


def test_largefov_has_its_published_size():
    # VGG16's 13 convolutions, fc6 3×3×512×1024, fc7 1024×1024, the classifier; biases of each.
    convolutions = sum(p.numel() for p in vgg16(init_weights=False).features.parameters())
    expected = convolutions + (3 * 3 * 512 + 1) * 1024 + (1024 + 1) * 1024 + (1024 + 1) * 21
    assert count(build_segmenter("largefov", 21)) == expected


def test_deeplab_v2_has_a_resnet101_and_four_classifiers_of_3x3():
    expected = count(resnet101()) - (2048 + 1) * 1000 + 4 * (3 * 3 * 2048 + 1) * 21
    assert count(build_segmenter("resnet101", 21)) == expected


@pytest.mark.parametrize("architecture", TORCHVISION)
def test_a_local_file_of_torchvisions_weights_initialises_the_trunk(architecture, tmp_path):
    source = TORCHVISION[architecture]()
    torch.save(source.state_dict(), tmp_path / "trunk.pth")
    network = build_segmenter(architecture, 4)
    start_trunk(network, SEGMENTERS[architecture], architecture, str(tmp_path / "trunk.pth"), None)
    first = next(parameter for name, parameter in source.named_parameters())
    assert torch.equal(next(network.parameters()), first)


@pytest.mark.parametrize(("architecture", "source"), [("resnet18", resnet18), ("resnet101", resnet101)])
def test_a_generator_that_starts_from_a_resnet_has_its_features_whatever_box_and_score_say(
    architecture, source, tmp_path
):
    torch.manual_seed(0)
    whole = source()
    torch.save(whole.state_dict(), tmp_path / "trunk.pth")
    network = build_generator(architecture).eval()
    start_trunk(network, GENERATORS[architecture], architecture, str(tmp_path / "trunk.pth"), None)
    image = torch.rand(1, 3, 32, 32)
    expected = whole.eval().maxpool(whole.relu(whole.bn1(whole.conv1(image))))
    assert torch.allclose(network.stem(torch.cat([image, torch.rand(1, 2, 32, 32)], dim=1)), expected, atol=1e-5)
    for ours, theirs in zip(network.layers, (whole.layer1, whole.layer2, whole.layer3, whole.layer4), strict=True):
        for name, tensor in theirs.state_dict().items():
            assert torch.equal(ours.state_dict()[name], tensor)
    other = "resnet18" if architecture == "resnet101" else "resnet101"
    with pytest.raises(InputError, match=rf"trunk\.pth' does not fit .*; give .* {GENERATORS[other].weights}$"):
        start_trunk(build_generator(other), GENERATORS[other], other, str(tmp_path / "trunk.pth"), None)


def test_fc6_and_fc7_are_vggs_fully_connected_layers_subsampled(tmp_path):
    source = vgg16(init_weights=False)
    network = build_segmenter("largefov", 4)
    network.load_trunk(source.state_dict())
    whole6 = source.classifier[0].weight.view(4096, 512, 7, 7)
    for unit, channel, row, column in [(0, 0, 0, 0), (1, 3, 1, 2), (1023, 511, 2, 2), (17, 100, 2, 0)]:
        assert network.fc6.weight[unit, channel, row, column] == whole6[4 * unit, channel, 3 * row, 3 * column]
    assert network.fc7.weight[5, 9, 0, 0] == source.classifier[3].weight[20, 36]
    assert network.fc7.bias[5] == source.classifier[3].bias[20]


def test_frozen_batch_normalisation_of_resnet101_stays_frozen_in_training():
    network = build_segmenter("resnet101", 3).train()
    before = network.trunk.bn1.running_mean.clone()
    with torch.no_grad():
        network(torch.randn(1, 3, 33, 33))
    assert torch.equal(network.trunk.bn1.running_mean, before)
    assert not network.trunk.bn1.weight.requires_grad


def test_multiscale_fuses_by_the_maximum():
    class Mean(torch.nn.Module):
        scales = (1.0, 0.5)

        def forward(self, x):
            return x.mean(dim=(2, 3), keepdim=True) + x.shape[-1] * x.new_tensor([[[[1.0]], [[-1.0]]]])

    logits = multiscale_logits(Mean(), torch.zeros(1, 1, 8, 8))
    assert [tensor.flatten().tolist() for tensor in logits] == [[8, -8], [4, -4], [8, -4]]


def test_weights_of_another_trunk_are_refused(tmp_path):
    torch.save(resnet18().state_dict(), tmp_path / "r18.pth")
    with pytest.raises(InputError, match=r"r18\.pth' does not fit largefov .*; give .* VGG16_Weights\.IMAGENET1K_V1$"):
        start_trunk(build_segmenter("largefov", 3), SEGMENTERS["largefov"], "largefov", str(tmp_path / "r18.pth"), None)


def test_offline_imagenet_says_where_to_put_the_file(offline):
    message = (
        r"VGG16_Weights\.IMAGENET1K_V1 .*; put vgg\.pth at .*checkpoints/vgg\.pth, or set initialisation to the .* "
        r"\(unet, fpn, deeplabv3plus\) whose weights are installed: tf_efficientnet_lite0, "
    )
    with pytest.raises(InputError, match=message):
        trunk_weights("VGG16_Weights.IMAGENET1K_V1", "imagenet")


def test_imagenet_weights_in_the_cache_are_found_offline(offline):
    (offline / "hub" / "checkpoints").mkdir(parents=True)
    torch.save({"features.0.bias": torch.ones(2)}, offline / "hub" / "checkpoints" / "vgg.pth")
    found = trunk_weights("VGG16_Weights.IMAGENET1K_V1", "imagenet")
    assert found["features.0.bias"].tolist() == [1, 1]


@pytest.fixture
def offline(tmp_path, monkeypatch):
    """torch's own folder, and torchvision's kind of weights at an address of this machine where nobody answers."""

    class Offline(WeightsEnum):
        IMAGENET1K_V1 = Weights(url="http://127.0.0.1:9/vgg.pth", transforms=None, meta={})

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("torchvision.models.get_weight", lambda name: Offline.IMAGENET1K_V1)
    return tmp_path
