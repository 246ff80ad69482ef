"""BCM: masks from masked scores, and the loss that believes filling rates, against loops over pixels."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as Picture
from torch import nn

from lpg.annotations import Record
from lpg.files.boxes import BoxTable, Image
from lpg.pixels.crf import dense_crf
from lpg.errors import InputError
from lpg.annotations.extraction import write_boxes
from lpg.generators.interface import Request
from lpg.generators.registry import METHODS, open_method
from lpg.files.label_maps import LabelMaps
from lpg.segmenter.losses import ELSEWHERE, MASKING_WEIGHT, SegmenterLoss, filling_rates, keep_filled, masking_loss
from lpg.networks.build import build_segmenter
from lpg.files.checkpoint import load_checkpoint
from lpg.generators.baselines.bcm.masking import ClassMasking
from lpg.segmenter.recipe import CRF, segmenter_recipe
from lpg.segmenter.apply import Segmenter, SegmenterBatches, train_segmenter
from lpg.training.loop import Machine

CLASSES = ("background", "red", "blue")


def request_of(seed: int = 0) -> Request:
    """Grey noise, a bright square in the box of class 2, scores that lean towards it, class 5 beside it."""
    rng = np.random.default_rng(seed)
    photograph = rng.integers(90, 110, (24, 32, 3), dtype=np.uint8)
    photograph[6:16, 6:14] += 120
    boxes = np.array([[4, 4, 20, 20], [16, 2, 30, 12]], dtype=np.float32)
    scores = {label: rng.integers(40, 80, (24, 32), dtype=np.uint8) for label in (0, 2, 5)}
    scores[2][6:16, 6:14] += 60
    return Request(Image("a", "a.jpg", 24, 32, boxes, np.array([2, 5])), photograph, scores)


def test_the_crf_starts_from_scores_that_are_nothing_outside_the_boxes():
    request = request_of()
    prior = np.zeros((3, 24, 32), dtype=np.float32)
    for y in range(24):
        for x in range(32):
            inside = 4 <= x < 20 and 4 <= y < 20, 16 <= x < 30 and 2 <= y < 12
            weights = [float(request.scores[0][y, x])]
            weights += [
                float(request.scores[class_id][y, x]) * here for class_id, here in zip((2, 5), inside, strict=True)
            ]
            prior[:, y, x] = np.array(weights) / sum(weights)
    expected = dense_crf(prior, request.photograph, CRF["largefov"]) * (prior > 0)
    foreground = open_method("bcm", {})([request])[0].foreground
    labels = (foreground >= 128) * np.array([1, 2])[:, None, None]
    assert np.array_equal(labels.sum(axis=0), expected.argmax(axis=0))
    assert (foreground[0, 6:16, 6:14] >= 128).all()
    assert METHODS["bcm"].reads_scores


def test_a_class_has_no_mask_outside_its_boxes_however_sure_the_segmenter_is():
    request = request_of()
    request.scores[2][:] = 255
    request.scores[0][:] = 0
    foreground = open_method("bcm", {})([request])[0].foreground
    assert (foreground[0][request.image.box_map(2)] >= 128).mean() > 0.9
    assert not (foreground[0] >= 128)[~request.image.box_map(2)].any()


@pytest.mark.parametrize("seed", range(3))
def test_keep_filled_is_the_loop_over_pixels(seed):
    rng = torch.Generator().manual_seed(seed)
    scores = torch.rand(2, 4, 6, 7, generator=rng).softmax(dim=1)
    labels = torch.randint(0, 5, (2, 6, 7), generator=rng)
    labels[labels == 4] = 255
    boxes = torch.randint(0, 4, (2, 6, 7), generator=rng)
    rates = torch.tensor([0.0, 0.3, 0.55, 1.0])
    expected = labels.clone()
    for image in range(2):
        for class_id in (1, 2, 3):
            region = [
                (float(scores[image, class_id, y, x]), y, x)
                for y in range(6)
                for x in range(7)
                if class_id in (labels[image, y, x], boxes[image, y, x])
            ]
            for _, y, x in sorted(region, reverse=True)[round(float(rates[class_id]) * len(region)) :]:
                if labels[image, y, x] == class_id:
                    expected[image, y, x] = 255
    assert torch.equal(keep_filled(scores, labels, boxes, rates), expected)
    assert (expected != labels).any()


def test_a_class_keeps_a_pixel_at_any_rate_and_the_background_keeps_all():
    scores = torch.tensor([[[[0.9, 0.8, 0.7, 0.6]], [[0.1, 0.2, 0.3, 0.4]]]])
    labels = torch.tensor([[[0, 1, 1, 1]]])
    kept = keep_filled(scores, labels, labels, torch.tensor([0.0, 0.0]))
    assert kept.tolist() == [[[0, 255, 255, 1]]]


class Fixed(nn.Module):
    """The same logits for any image, at two scales."""

    scales = (1.0, 0.5)

    def __init__(self) -> None:
        super().__init__()
        self.logits = nn.Parameter(torch.randn(1, 3, 4, 4, generator=torch.Generator().manual_seed(1)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.interpolate(self.logits, size=(x.shape[-2] // 8, x.shape[-1] // 8))


def test_at_a_rate_of_one_the_loss_is_the_cross_entropy_and_below_it_is_smaller():
    images = torch.zeros(1, 3, 32, 32)
    labels = torch.randint(0, 3, (1, 32, 32), generator=torch.Generator().manual_seed(2))
    network = Fixed()
    plain = SegmenterLoss()(network, (images, labels))
    assert torch.equal(SegmenterLoss(torch.ones(3))(network, (images, labels, labels)), plain)
    filled = SegmenterLoss(torch.full((3,), 0.5))(network, (images, labels, labels))
    assert filled < plain
    filled.backward()
    assert network.logits.grad.abs().sum() > 0


@pytest.fixture
def dataset(tmp_path, write_label_maps):
    """One photograph of 4 × 8 pixels: two red boxes, half and fully red in the pseudo masks, no blue one."""
    Picture.fromarray(np.zeros((4, 8, 3), np.uint8)).save(tmp_path / "a.png")
    boxes = np.array([[0, 0, 4, 4], [5, 1, 7, 3]], dtype=np.float32)
    record = Record("a", tmp_path / "a.png", "s", 4, 8, boxes, ["red", "red"])
    write_boxes([record], CLASSES[1:], path=tmp_path / "boxes.h5", dataset="d")
    labels = np.zeros((4, 8), dtype=np.uint8)
    labels[:, 2:4] = 1
    labels[1:3, 5:7] = 1
    labels[0, 0] = 2
    write_label_maps("labels.h5", CLASSES, {"d/a": labels})
    return tmp_path


def test_filling_rates_are_means_over_boxes(dataset):
    table = BoxTable([dataset / "boxes.h5"])
    rates = filling_rates(table, LabelMaps([dataset / "labels.h5"], table.classes))
    assert rates.tolist() == [1, 0.75, 1]


def test_boxes_go_through_crop_scale_and_flip_with_the_labels(dataset):
    table = BoxTable([dataset / "boxes.h5"])
    settings = {"architecture": "resnet18", "loss": "filling_rate", "batch": 6, "crop": 16, "scales": [0.7, 4]}
    boxes = LabelMaps([dataset / "boxes.h5"], table.classes)
    images, labels, maps = SegmenterBatches(table, boxes, segmenter_recipe(settings), 0)[1]
    assert images.shape == (6, 3, 32, 32)  # padded
    assert torch.equal(labels, maps)  # labels^0 are the painted boxes
    assert {0, 1, 255} == set(maps.unique().tolist())
    plain = SegmenterBatches(table, boxes, segmenter_recipe(settings | {"loss": "cross_entropy"}), 0)[1]
    assert len(plain) == 2
    assert torch.equal(plain[0], images)


class Tiny(nn.Module):
    """One convolution at stride 8."""

    scales = (1.0,)

    def __init__(self, *_) -> None:
        super().__init__()
        self.classifier = nn.Conv2d(3, 3, 8, stride=8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(x)

    def last_layers(self) -> list[nn.Module]:
        return [self.classifier]


def train(dataset, settings: dict) -> Path:
    path = dataset / "segmenter.pt"
    train_segmenter(
        {"architecture": "resnet18", "loss": "filling_rate", "batch": 2, "crop": 32} | settings,
        boxes=[dataset / "boxes.h5"],
        labels=[dataset / "labels.h5"],
        start=None,
        path=path,
        seed=0,
        digest="d",
        machine=Machine(),
    )
    return path


def test_a_segmenter_trains_with_the_filling_rate_loss(dataset, monkeypatch):
    monkeypatch.setattr("lpg.segmenter.apply.build_segmenter", Tiny)
    checkpoint = load_checkpoint(train(dataset, {"iterations": 3}), kind="segmenter")
    assert checkpoint.recipe["loss"] == "filling_rate"
    assert len(checkpoint.losses) == 3


def test_the_masking_loss_is_a_plain_loop():
    maps = torch.rand(2, 3, 2, 4, generator=torch.Generator().manual_seed(0))
    boxes = torch.tensor([[[0, 1, 1, 255], [2, 1, 0, 0]], [[0, 0, 2, 2], [255, 255, 2, 2]]])
    errors = []
    for image, painted in zip(maps, boxes, strict=True):
        for class_id, attention in enumerate(image):
            for value, box in zip(attention.flatten().tolist(), painted.flatten().tolist(), strict=True):
                aim = 1 if class_id in (0, box) else ELSEWHERE
                errors += [] if box == 255 else [(value - aim) ** 2]
    assert masking_loss(maps, boxes).item() == pytest.approx(np.mean(errors))


def masked(classes: int = 3) -> ClassMasking:
    torch.manual_seed(0)
    return build_segmenter("resnet18", classes, "none", True)


def test_a_class_is_as_loud_as_its_attention_map():
    network = masked().eval()
    x = torch.randn(1, 3, 32, 48)
    plain = network.network(x)
    with torch.no_grad():
        network.attention.weight.zero_()
        network.attention.bias.copy_(torch.tensor([100.0, -100.0, 0.0]))
    assert torch.allclose(network(x), plain * torch.tensor([1.0, 0.0, 0.5])[:, None, None], atol=1e-6)


def test_the_maps_take_part_in_the_loss_and_in_the_last_layers():
    network = masked().eval()
    images, labels = torch.randn(2, 3, 32, 32), torch.randint(0, 3, (2, 32, 32))
    attention = network.attend(network.represent(images))
    plain = SegmenterLoss()(Unmasked(network), (images, labels))
    expected = plain + MASKING_WEIGHT * masking_loss(attention, labels)
    assert SegmenterLoss()(network, (images, labels, labels)).item() == pytest.approx(expected.item())
    assert network.attention in network.last_layers()


class Unmasked(nn.Module):
    """The same logits, not known to be masked."""

    scales = (1.0,)

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.network(x)


def test_a_masked_segmenter_trains_and_is_read_again(dataset):
    segmenter = Segmenter(train(dataset, {"initialisation": "none", "masking": True, "iterations": 1}))
    assert isinstance(segmenter.network, ClassMasking)
    assert segmenter.label_map(np.zeros((20, 30, 3), np.uint8)).shape == (20, 30)


def test_lraspp_has_no_single_feature_map_to_attend_to():
    with pytest.raises(InputError, match="masking: Lraspp has no single feature map"):
        build_segmenter("lraspp", 3, "none", True)
