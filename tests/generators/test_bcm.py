"""BCM: masks from masked scores, and the loss that believes filling rates, against loops over pixels."""

from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import photograph_of, request_of
from PIL import Image
from torch import nn

from lpg.classes import VOID
from lpg.errors import InputError
from lpg.files.boxes import BoxTable, write_boxes
from lpg.files.checkpoint import load_checkpoint
from lpg.files.label_maps import LabelMaps
from lpg.generators.baselines.bcm.masking import ClassMasking
from lpg.generators.baselines.bcm.planes import pack_boxes, unpack_boxes
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
    boxes = torch.rand(2, 4, 6, 7, generator=rng) < 0.4
    rates = torch.tensor([0.0, 0.3, 0.55, 1.0])
    expected = labels.clone()
    for image in range(2):
        for class_id in (1, 2, 3):
            region = [
                (float(scores[image, class_id, y, x]), y, x)
                for y in range(6)
                for x in range(7)
                if labels[image, y, x] == class_id or boxes[image, class_id, y, x]
            ]
            for _, y, x in sorted(region, reverse=True)[round(float(rates[class_id]) * len(region)) :]:
                if labels[image, y, x] == class_id:
                    expected[image, y, x] = 255
    assert torch.equal(keep_filled(scores, labels, boxes, rates), expected)
    assert (expected != labels).any()


def test_a_class_keeps_a_pixel_at_any_rate_and_the_background_keeps_all():
    scores = torch.tensor([[[[0.9, 0.8, 0.7, 0.6]], [[0.1, 0.2, 0.3, 0.4]]]])
    labels = torch.tensor([[[0, 1, 1, 1]]])
    kept = keep_filled(scores, labels, torch.stack([labels, labels], dim=1) > 0, torch.tensor([0.0, 0.0]))
    assert kept.tolist() == [[[0, 255, 255, 1]]]


def planes_of(image, classes: int) -> list[torch.Tensor]:
    """As a batch of one photograph has them, 255 in a column beside it."""
    planes = [torch.from_numpy(plane)[None] for plane in pack_boxes(image, classes)]
    return [nn.functional.pad(plane, (0, 1), value=255) for plane in planes]


def test_box_maps_of_many_classes_come_out_of_their_planes_as_they_went_in():
    image = photograph_of(3, 6, [[0, 0, 4, 2], [1, 0, 6, 3], [2, 1, 3, 3], [5, 0, 6, 1]], [1, 7, 8, 17])
    planes = planes_of(image, 18)
    assert len(planes) == 3
    found, known = unpack_boxes(planes, torch.zeros(1, 18, 3, 7))
    assert known[0].tolist() == [[True] * 6 + [False]] * 3
    for class_id in range(18):
        wanted = image.box_map(class_id) if class_id else np.ones((3, 6), dtype=bool)
        assert found[0, class_id].tolist() == [[*row, False] for row in wanted.tolist()]


def test_what_a_smaller_box_covers_is_in_the_boxes_of_a_class_all_the_same(tmp_path, write_label_maps):
    """A box of class 1, and on its upper half one of class 2; all of both is right."""
    image = photograph_of(20, 20, [[0, 0, 20, 20], [0, 0, 20, 10]], [1, 2], name="a", path=tmp_path / "a.png")
    labels = np.ones((20, 20), dtype=np.uint8)
    labels[:10] = 2
    write_boxes([image], CLASSES[1:], path=tmp_path / "boxes.h5", dataset="d")
    table = BoxTable([tmp_path / "boxes.h5"])
    rates = filling_rates(table, LabelMaps([write_label_maps("labels.h5", CLASSES, {"d/a": labels})], CLASSES))
    assert rates.tolist() == [1, 0.5, 1]

    wanted = torch.from_numpy(labels)[None].long()
    scores = nn.functional.one_hot(wanted, 3).movedim(-1, 1) * 0.5 + torch.linspace(0, 0.4, 400).view(1, 1, 20, 20)
    boxes, known = unpack_boxes(planes_of(image, 3), torch.zeros(1, 3, 20, 21))
    boxes, known = boxes[..., :20], known[..., :20]
    assert torch.equal(keep_filled(scores, wanted, boxes, rates), wanted)

    aims = torch.ones(1, 3, 20, 20)
    aims[:, 2, 10:] = ELSEWHERE
    assert masking_loss(aims, boxes, known).loss() == 0


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
    network, planes = Fixed(), torch.where(labels > 0, 1 << labels, 0).to(torch.uint8)
    plain = SegmenterTask(network)(images, labels)
    assert torch.equal(BcmTask(network, 3)(images, labels, planes), plain)
    assert torch.equal(BcmTask(network, 3, torch.ones(3))(images, labels, planes), plain)
    filled = BcmTask(network, 3, torch.full((3,), 0.5))(images, labels, planes)
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


def test_a_rejected_mask_says_nothing_of_filling_rates(dataset):
    """The half filled box is void, as `settle` leaves that of a rejected mask, but for a pixel of another class."""
    table = BoxTable([dataset / "boxes.h5"])
    labels = LabelMaps([dataset / "labels.h5"], table.classes)["d/a"].copy()
    labels[:4, :4] = VOID
    labels[0, 0] = 2
    assert filling_rates(table, {"d/a": labels}).tolist() == [1, 1, 1]
    labels[3, 3] = 0  # part of it is known
    assert filling_rates(table, {"d/a": labels}).tolist() == [1, 0.5, 1]


def test_boxes_go_through_crop_scale_and_flip_with_the_labels(dataset):
    table = BoxTable([dataset / "boxes.h5"])
    boxes = LabelMaps([dataset / "boxes.h5"], table.classes)
    recipe, normalised = recipe_of(batch=6, crop=40, scales=(1.7, 10.0)), Fixed()
    images, labels, maps = SegmenterBatches(table, boxes, recipe, BcmTask(normalised, 3), 0)[1]
    assert images.shape == (6, 3, 64, 64)  # padded
    inside, known = unpack_boxes([maps], images)
    assert torch.equal(known, labels != 255) and torch.equal(inside[:, 1], labels == 1)  # labels^0 are painted boxes
    assert {0, 1, 255} == set(labels.unique().tolist()) and not inside[:, 2].any()
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
    # Of every pixel the classes whose boxes hold it, as bits: 2 for the first, 4 for the second.
    planes = torch.tensor([[[0, 2, 2, 255], [6, 2, 0, 0]], [[0, 0, 4, 6], [255, 255, 4, 4]]], dtype=torch.uint8)
    errors = []
    for image, packed in zip(maps, planes, strict=True):
        for class_id, attention in enumerate(image):
            for value, bits in zip(attention.flatten().tolist(), packed.flatten().tolist(), strict=True):
                aim = 1 if class_id == 0 or bits & 2**class_id else ELSEWHERE
                errors += [] if bits == 255 else [(value - aim) ** 2]
    assert masking_loss(maps, *unpack_boxes([planes], maps)).loss().item() == pytest.approx(np.mean(errors))


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
    planes = torch.randint(0, 4, (2, 32, 32)).mul(2).to(torch.uint8)
    after, before = SegmenterTask(network)(images, labels), SegmenterTask(network.network)(images, labels)
    expected = after + before + MASKING_WEIGHT * masking_loss(attention, *unpack_boxes([planes], attention)).loss()
    assert BcmTask(network, 3)(images, labels, planes).item() == pytest.approx(expected.item())
    assert network.attention in network.last_layers()


def test_the_maps_start_at_a_half_of_any_features():
    network = masked()
    maps = network.attend(2 * torch.rand(1, network.feature_channels, 8, 8))
    assert (maps - 0.5).abs().max() < 0.25


def test_a_class_learns_though_its_map_is_closed():
    network = masked().eval()
    with torch.no_grad():
        network.attention.bias.copy_(torch.tensor([0.0, -100.0, 0.0]))
    images, labels = torch.randn(1, 3, 32, 32), torch.ones(1, 32, 32, dtype=torch.int64)
    BcmTask(network, 3)(images, labels, torch.full((1, 32, 32), 2, dtype=torch.uint8)).backward()
    (classifier,) = network.network.last_layers()
    assert classifier.weight.grad[1].abs().sum() > 0


def test_a_masked_segmenter_trains_and_is_read_again(dataset):
    segmenter = Segmenter.load(train(dataset, masking=True, iterations=1))
    assert isinstance(segmenter.network, ClassMasking)
    assert segmenter.scores(np.zeros((20, 30, 3), np.uint8)).shape == (3, 4, 4)


def test_lraspp_has_no_single_feature_map_to_attend_to():
    with pytest.raises(InputError, match="masking: Lraspp has no single feature map"):
        build_network(SegmenterRecipe(architecture="lraspp", masking=True), 3)
