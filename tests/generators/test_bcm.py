"""BCM: masks from masked scores, and the loss that believes filling rates, against loops over pixels."""

from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import photograph_of, request_of
from PIL import Image
from torch import nn

from lpg.errors import InputError
from lpg.files.boxes import BoxTable, write_boxes
from lpg.files.checkpoint import load_checkpoint
from lpg.files.label_maps import LabelMaps
from lpg.generators.baselines.bcm.masking import ClassMasking
from lpg.generators.baselines.bcm.task import (
    ELSEWHERE,
    MASKING_WEIGHT,
    BcmTask,
    filling_rates,
    keep_filled,
    masking_loss,
)
from lpg.generators.interface import Request
from lpg.generators.opening import open_method
from lpg.generators.registry import METHODS
from lpg.jobs.job import Job
from lpg.pixels.colours import Normalisation
from lpg.pixels.crf import LARGEFOV_CRF, dense_crf
from lpg.segmenter.apply import Segmenter
from lpg.segmenter.batches import SegmenterBatches
from lpg.segmenter.losses import SegmenterTask
from lpg.segmenter.network import build_network
from lpg.segmenter.recipe import SegmenterRecipe
from lpg.segmenter.train import train_segmenter

CLASSES = ("background", "red", "blue")


def leaning(seed: int = 0) -> Request:
    """Grey noise, a bright square in the box of class 2, scores that lean towards it, class 5 beside it."""
    rng = np.random.default_rng(seed)
    photograph = rng.integers(90, 110, (24, 32, 3), dtype=np.uint8)
    photograph[6:16, 6:14] += 120
    scores = {label: rng.integers(40, 80, (24, 32), dtype=np.uint8) for label in (0, 2, 5)}
    scores[2][6:16, 6:14] += 60
    return request_of(photograph, [[4, 4, 20, 20], [16, 2, 30, 12]], [2, 5], scores)


def test_the_crf_starts_from_scores_that_are_nothing_outside_the_boxes():
    request = leaning()
    prior = np.zeros((3, 24, 32), dtype=np.float32)
    for y in range(24):
        for x in range(32):
            inside = 4 <= x < 20 and 4 <= y < 20, 16 <= x < 30 and 2 <= y < 12
            weights = [float(request.scores[0][y, x])]
            weights += [
                float(request.scores[class_id][y, x]) * here for class_id, here in zip((2, 5), inside, strict=True)
            ]
            prior[:, y, x] = np.array(weights) / sum(weights)
    expected = dense_crf(prior, request.photograph, LARGEFOV_CRF) * (prior > 0)
    foreground = open_method("bcm", {})([request])[0].foreground
    labels = (foreground >= 128) * np.array([1, 2])[:, None, None]
    assert np.array_equal(labels.sum(axis=0), expected.argmax(axis=0))
    assert (foreground[0, 6:16, 6:14] >= 128).all()
    assert METHODS["bcm"].reads_scores


def test_a_class_has_no_mask_outside_its_boxes_however_sure_the_segmenter_is():
    request = leaning()
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
    normalisation = Normalisation((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
    multiple = 32

    def __init__(self) -> None:
        super().__init__()
        self.logits = nn.Parameter(torch.randn(1, 3, 4, 4, generator=torch.Generator().manual_seed(1)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.interpolate(self.logits, size=(x.shape[-2] // 8, x.shape[-1] // 8))


def test_at_a_rate_of_one_the_loss_is_the_cross_entropy_and_below_it_is_smaller():
    images = torch.zeros(1, 3, 32, 32)
    labels = torch.randint(0, 3, (1, 32, 32), generator=torch.Generator().manual_seed(2))
    network = Fixed()
    plain = SegmenterTask(network)(images, labels)
    assert torch.equal(BcmTask(network)(images, labels, labels), plain)
    assert torch.equal(BcmTask(network, torch.ones(3))(images, labels, labels), plain)
    filled = BcmTask(network, torch.full((3,), 0.5))(images, labels, labels)
    assert filled < plain
    filled.backward()
    assert network.logits.grad.abs().sum() > 0


@pytest.fixture
def dataset(tmp_path, write_label_maps):
    """One photograph of 4 × 8 pixels: two red boxes, half and fully red in the pseudo masks, no blue one."""
    Image.fromarray(np.zeros((4, 8, 3), np.uint8)).save(tmp_path / "a.png")
    image = photograph_of(4, 8, [[0, 0, 4, 4], [5, 1, 7, 3]], [1, 1], path=tmp_path / "a.png")
    write_boxes([image], CLASSES[1:], path=tmp_path / "boxes.h5", dataset="d")
    labels = np.zeros((4, 8), dtype=np.uint8)
    labels[:, 2:4] = 1
    labels[1:3, 5:7] = 1
    labels[0, 0] = 2
    write_label_maps("labels.h5", CLASSES, {"d/a": labels})
    return tmp_path


def recipe_of(**settings) -> SegmenterRecipe:
    return SegmenterRecipe(architecture="resnet18", **settings)


def test_filling_rates_are_means_over_boxes(dataset):
    table = BoxTable([dataset / "boxes.h5"])
    labels = LabelMaps([dataset / "labels.h5"], table.classes)
    assert filling_rates(table, labels).tolist() == [1, 0.75, 1]
    task = BcmTask.of(Fixed(), recipe_of(loss="filling_rate"), table, labels)
    assert task.rates.tolist() == [1, 0.75, 1]
    assert BcmTask.of(Fixed(), recipe_of(), table, labels).rates is None


def test_boxes_go_through_crop_scale_and_flip_with_the_labels(dataset):
    table = BoxTable([dataset / "boxes.h5"])
    boxes = LabelMaps([dataset / "boxes.h5"], table.classes)
    recipe, normalised = recipe_of(batch=6, crop=40, scales=(1.7, 10.0)), Fixed()
    images, labels, maps = SegmenterBatches(table, boxes, recipe, BcmTask(normalised), 0)[1]
    assert images.shape == (6, 3, 64, 64)  # padded
    assert torch.equal(labels, maps)  # labels^0 are the painted boxes
    assert {0, 1, 255} == set(maps.unique().tolist())
    plain = SegmenterBatches(table, boxes, recipe, SegmenterTask(normalised), 0)[1]
    assert len(plain) == 2
    assert torch.equal(plain[0], images)


def train(dataset, **settings) -> Path:
    """Train a segmenter that starts from nothing, and give the path of its checkpoint."""
    path = dataset / "segmenter.pt"
    train_segmenter(
        {"architecture": "resnet18", "initialisation": "none", "batch": 2, "crop": 64, "scales": [8, 16]} | settings,
        boxes=[dataset / "boxes.h5"],
        labels=[dataset / "labels.h5"],
        start=None,
        job=Job(path),
    )
    return path


def test_a_segmenter_trains_with_the_filling_rate_loss(dataset):
    checkpoint = load_checkpoint(train(dataset, loss="filling_rate", iterations=3), kind="segmenter")
    assert checkpoint.recipe["loss"] == "filling_rate"
    assert len(checkpoint.losses) == 3
    plain = load_checkpoint(train(dataset, iterations=1), kind="segmenter")
    assert plain.losses[0] != checkpoint.losses[0] > 0  # of the same batch, less what red is unsure of


def test_the_masking_loss_is_a_plain_loop():
    maps = torch.rand(2, 3, 2, 4, generator=torch.Generator().manual_seed(0))
    boxes = torch.tensor([[[0, 1, 1, 255], [2, 1, 0, 0]], [[0, 0, 2, 2], [255, 255, 2, 2]]])
    errors = []
    for image, painted in zip(maps, boxes, strict=True):
        for class_id, attention in enumerate(image):
            for value, box in zip(attention.flatten().tolist(), painted.flatten().tolist(), strict=True):
                aim = 1 if class_id in (0, box) else ELSEWHERE
                errors += [] if box == 255 else [(value - aim) ** 2]
    assert masking_loss(maps, boxes).loss().item() == pytest.approx(np.mean(errors))


def masked() -> ClassMasking:
    torch.manual_seed(0)
    return build_network(recipe_of(masking=True), 3)


def test_a_masked_network_is_one_like_the_network_in_it():
    network = masked()
    assert isinstance(network, ClassMasking)
    for attribute in ("stride", "scales", "feature_channels", "normalisation"):
        assert getattr(network, attribute) == getattr(network.network, attribute)


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
    plain = SegmenterTask(network)(images, labels)
    expected = plain + MASKING_WEIGHT * masking_loss(attention, labels).loss()
    assert BcmTask(network)(images, labels, labels).item() == pytest.approx(expected.item())
    assert network.attention in network.last_layers()


def test_a_masked_segmenter_trains_and_is_read_again(dataset):
    segmenter = Segmenter.load(train(dataset, masking=True, iterations=1))
    assert isinstance(segmenter.network, ClassMasking)
    assert segmenter.scores(np.zeros((20, 30, 3), np.uint8)).shape == (3, 4, 4)


def test_lraspp_has_no_single_feature_map_to_attend_to():
    with pytest.raises(InputError, match="masking: Lraspp has no single feature map"):
        build_network(SegmenterRecipe(architecture="lraspp", masking=True), 3)
