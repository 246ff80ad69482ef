"""Generators: masks lie where they belong, whatever the view, the size of the photograph and the batch."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
import torch
from conftest import voc_object, voc_xml
from torch import nn
from torch.nn import functional

from lpg.annotations import Record
from lpg.pixels.box_maps import box_map
from lpg.files.boxes import BoxTable, Image
from lpg.errors import InputError
from lpg.annotations.extraction import write_boxes
from lpg.generators.learned.batches import GeneratorBatches
from lpg.generators.interface import Request
from lpg.generators.learned.apply import PIXELS, LearnedGenerator
from lpg.generators.registry import open_method
from lpg.segmenter.losses import GeneratorLoss, soft_iou
from lpg.networks.build import build_generator
from lpg.files.checkpoint import Checkpoint
from lpg.generators.learned.pairs import BLANK_SCORE
from lpg.pixels.pictures import write_palette_mask
from lpg.segmenter.recipe import GENERATORS, GeneratorRecipe, as_settings

SIZES = [(40, 64), (37, 101), (130, 9), (1, 50)]


class Echo(nn.Module):
    """A network whose object is one of its own input channels, at stride 4 as the real one's logits."""

    def __init__(self, channel: int) -> None:
        super().__init__()
        self.channel = channel

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        shown = functional.avg_pool2d(x[:, self.channel : self.channel + 1], 4)
        return torch.cat([torch.zeros_like(shown), 20 * (shown - 0.5)], dim=1)


def save(path, **recipe) -> None:
    torch.manual_seed(0)
    network = build_generator("hourglass")
    Checkpoint(
        kind="generator",
        recipe=as_settings(GENERATORS["hourglass"]) | recipe,
        classes=(),
        weights=network.state_dict(),
        losses=[],
        initialisation="none",
    ).save(path)


@pytest.fixture(scope="module", params=["image", "box"])
def generator(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("generator") / f"{request.param}.pt"
    save(path, view=request.param, crop=64)
    return LearnedGenerator(path)


def request_of(height: int, width: int, boxes, class_ids, seed: int = 0) -> Request:
    rng = np.random.default_rng(seed)
    image = Image("a", "a.jpg", height, width, np.array(boxes, dtype=np.float32), np.array(class_ids))
    photograph = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Request(image, photograph, {c: np.zeros((height, width), np.uint8) for c in image.classes})


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_a_mask_lies_where_its_box_is(generator, height, width, monkeypatch):
    monkeypatch.setattr(generator, "network", Echo(channel=3))
    box = [width * 0.25, height * 0.2, width * 0.75, height * 0.9]
    answer = generator([request_of(height, width, [box], [3])])[0]
    expected = box_map(np.array([box]), height, width)
    wrong = (answer.foreground[0] > 127) != expected
    assert answer.foreground.shape == (1, height, width)
    assert not wrong[~expected].any()
    # At stride 4 an edge may be off by less than one cell of the network.
    eroded = cv2.erode(np.pad(expected.astype(np.uint8), 6), np.ones((9, 9)))[6:-6, 6:-6] > 0
    assert not wrong[eroded].any()


def test_scores_reach_the_network_in_register_with_the_photograph(generator, monkeypatch):
    monkeypatch.setattr(generator, "network", Echo(channel=4))
    request = request_of(48, 64, [[8, 8, 56, 40]], [2])
    request.scores[2][8:40, 8:32] = 255
    mask = generator([request])[0].foreground[0] > 127
    assert mask[14:34, 12:27].all()
    assert not mask[:, 37:].any()


@pytest.mark.parametrize("pixels", [PIXELS, 1])
def test_a_batch_of_many_photographs_gives_what_each_gives_alone(generator, monkeypatch, pixels):
    monkeypatch.setattr("lpg.generators.learned.apply.PIXELS", pixels)
    requests = [
        request_of(40, 64, [[2, 2, 30, 30], [10, 5, 60, 38]], [1, 2], seed=1),
        request_of(33, 50, [[5, 5, 20, 30], [25, 5, 45, 30], [0, 0, 50, 33]], [1, 1, 4], seed=2),
        request_of(40, 64, [[1, 1, 20, 20]], [2], seed=3),
    ]
    together = generator(requests)
    for request, answer in zip(requests, together, strict=True):
        alone = generator([request])[0]
        # Sums are taken in another order for another batch size: one grey level of 255 at most.
        assert np.abs(alone.foreground.astype(int) - answer.foreground).max() <= 1
        assert len(alone.boxes) == len(answer.boxes)


def test_without_a_segmenter_the_score_is_the_blank_of_training(tmp_path, monkeypatch):
    request = request_of(40, 64, [[4, 4, 30, 30], [20, 10, 60, 36]], [1, 2])
    blind = Request(request.image, request.photograph, {})
    save(tmp_path / "g.pt", view="box", crop=64, score_dropout=0.5)
    generator = LearnedGenerator(tmp_path / "g.pt")
    seen = []
    monkeypatch.setattr(generator, "network", lambda x: seen.append(x) or Echo(channel=4)(x))
    generator([blind])
    assert (seen[0][:, 4] == BLANK_SCORE / 255).all()
    save(tmp_path / "g.pt", view="box", crop=64)
    with pytest.raises(InputError, match=r"^this generator has never been without a score \(score_dropout: 0"):
        LearnedGenerator(tmp_path / "g.pt")([blind])


def test_view_box_keeps_a_mask_per_box_and_takes_their_maximum(tmp_path, monkeypatch):
    save(tmp_path / "g.pt", view="box", crop=64)
    generator = LearnedGenerator(tmp_path / "g.pt")
    request = request_of(40, 64, [[4, 4, 30, 30], [20, 10, 60, 36]], [1, 1])
    answer = generator([request])[0]
    assert [mask.shape for mask in answer.boxes] == [(26, 26), (26, 40)]
    expected = np.zeros((40, 64), dtype=np.uint8)
    expected[4:30, 4:30] = answer.boxes[0]
    expected[10:36, 20:60] = np.maximum(expected[10:36, 20:60], answer.boxes[1])
    assert np.array_equal(answer.foreground[0], expected)


def test_the_score_of_a_class_is_read_once_for_all_its_boxes(tmp_path, monkeypatch):
    read = []

    class Counted(dict):
        def __getitem__(self, class_id):
            read.append(class_id)
            return super().__getitem__(class_id)

    save(tmp_path / "g.pt", view="box", crop=64)
    generator = LearnedGenerator(tmp_path / "g.pt")
    monkeypatch.setattr(generator, "network", Echo(channel=4))
    request = request_of(40, 64, [[4, 4, 30, 30], [20, 10, 60, 36], [0, 0, 20, 20]], [1, 1, 2])
    generator([Request(request.image, request.photograph, Counted(request.scores))])
    assert read == [1, 2]


@pytest.mark.parametrize("view", ["image", "box"])
def test_a_guided_mask_ends_where_the_object_does(tmp_path, monkeypatch, view):
    request = request_of(50, 70, [[4, 5, 64, 47]], [1])
    request.photograph[:] = 20
    request.photograph[11:39, 13:51] = 230
    save(tmp_path / "g.pt", view=view, crop=64)
    wrong = {}
    for radius in (0.0, 0.1):
        generator = LearnedGenerator(tmp_path / "g.pt", settings={"guided_radius": radius})
        monkeypatch.setattr(generator, "network", Echo(channel=0))
        mask = generator([request])[0].foreground[0] > 127
        wrong[radius] = int((mask != (request.photograph[..., 0] > 127)).sum())
    assert wrong[0.1] == 0 < wrong[0.0]


def test_box_fill_is_the_box_map():
    request = request_of(8, 10, [[1, 1, 4, 4], [5, 2, 9, 6], [0, 0, 2, 8]], [1, 1, 2])
    answer = open_method("boxes", {})([request])[0]
    assert np.array_equal(answer.foreground[0] > 0, request.image.box_map(1))
    assert np.array_equal(answer.foreground[1] > 0, request.image.box_map(2))
    assert [mask.shape for mask in answer.boxes] == [(3, 3), (4, 4), (8, 2)]


def test_grabcut_is_opencvs():
    rng = np.random.default_rng(0)
    request = request_of(60, 80, [[20, 10, 60, 50]], [1])
    request.photograph[:] = rng.integers(0, 60, (60, 80, 3))
    request.photograph[20:40, 30:50] = rng.integers(180, 255, (20, 20, 3))
    answer = open_method("grabcut", {})([request])[0]
    mask = np.zeros((60, 80), dtype=np.uint8)
    cv2.setRNGSeed(0)
    bgr = np.ascontiguousarray(request.photograph[..., ::-1])
    cv2.grabCut(bgr, mask, (20, 10, 40, 40), np.zeros((1, 65)), np.zeros((1, 65)), 5, cv2.GC_INIT_WITH_RECT)
    assert np.array_equal(answer.foreground[0] > 0, np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)))
    assert (answer.foreground[0] > 0).sum() == 400


@pytest.mark.parametrize(("pixels", "filled"), [(9, True), (10, False), (100, False)])
def test_grabcut_fills_a_box_that_it_has_all_but_emptied(monkeypatch, pixels, filled):
    left = np.arange(100).reshape(10, 10) < pixels
    monkeypatch.setattr("lpg.generators.baselines.grabcut.grabcut_mask", lambda photograph, inside: left.copy())
    found = open_method("grabcut", {}).mask_of_box(np.zeros((12, 12, 3), np.uint8), (slice(1, 11), slice(1, 11)), None)
    assert (found > 0).sum() == (100 if filled else pixels)


def test_grabcut_fills_a_box_that_covers_the_whole_photograph():
    answer = open_method("grabcut", {})([request_of(12, 12, [[0, 0, 12, 12]], [1])])[0]
    assert (answer.foreground == 255).all()


@pytest.fixture
def batches_of(make_boxes, make_masks, monkeypatch) -> Callable[..., GeneratorBatches]:
    """The batches of a dataset's settings, with scores of zero; options are the recipe's."""
    monkeypatch.setattr("lpg.generators.learned.batches.ScoreMaps", lambda *_: lambda _, __, *size: np.zeros(size, dtype=np.uint8))

    def make(settings: dict, **recipe) -> GeneratorBatches:
        boxes = make_boxes(settings)
        masks = [make_masks(settings, boxes)]
        return GeneratorBatches(BoxTable([boxes]), masks, [], GeneratorRecipe(crop=32, **recipe), seed=0)

    return make


@pytest.mark.parametrize(("dropout", "values"), [(0.0, {0.0}), (1.0, {0.6}), (0.5, {0.0, 0.6})])
def test_scores_are_blanked_in_a_part_of_the_samples(coco, batches_of, dropout, values):
    batches = batches_of(coco.settings, view="box", batch=16, score_dropout=dropout)
    inputs, _ = batches.prepare(*batches[0])
    assert {round(value, 2) for value in inputs[:, 4].unique().tolist()} == values


def test_a_focused_crop_holds_a_box_of_the_class(coco, batches_of):
    batches = batches_of(coco.settings, view="image", batch=8, minimum_side=2, focus=(1.5, 2.0))
    channels = torch.cat([batches[iteration][0] for iteration in range(4)])
    filled = channels[:, 3].float().mean(dim=(1, 2)) / 255
    # A square box fills a quarter to 4/9, an oblong one a half of that.
    assert filled.min() > 0.1
    assert filled.max() < 0.75


def test_a_box_whose_object_has_no_mask_teaches_nothing(voc, batches_of):
    voc.xml("p").write_text(voc_xml(6, 8, voc_object("cat", "2 2 5 4"), voc_object("cat", "6 4 8 6")))
    objects = np.zeros((6, 8), dtype=np.uint8)
    objects[1:4, 1:4] = 1
    write_palette_mask(voc.objects("p"), objects)
    by_box = batches_of(voc.settings, view="box", minimum_side=1)
    assert [pair.box for pair in by_box.pairs] == [0]
    by_image = batches_of(voc.settings, view="image", minimum_side=1, focus=(1.5, 2.0))
    (pair,) = by_image.pairs
    assert by_image._boxes(pair).tolist() == [[1, 1, 5, 4]]
    target = by_image.target(pair)
    assert (target[1:4, 1:4] == 1).all() and target[:, 5:].tolist() == [[0] * 3] * 3 + [[255] * 3] * 3


def test_the_loss_counts_inside_and_outside_as_weighted():
    class Constant(nn.Module):
        def forward(self, x):
            return torch.tensor([0.0, 1.0]).view(1, 2, 1, 1).expand(1, 2, 2, 2)

    inputs = torch.zeros(1, 5, 8, 8)
    inputs[:, 3, :, :4] = 1  # the left half is the box
    targets = torch.tensor([[[1, 0], [255, 0]]])  # one object pixel inside, one void inside, two outside
    right, wrong = functional.cross_entropy(torch.tensor([[0.0, 1.0]] * 2), torch.tensor([1, 0]), reduction="none")
    expected = (1 * right + 0.25 * 2 * wrong) / (1 + 0.25 * 2)
    assert GeneratorLoss(0.25)(Constant(), (inputs, targets)) == pytest.approx(expected.item())
    score = torch.tensor([0.0, 1.0]).softmax(0)[1]  # everywhere; inside the box one object pixel and one void
    expected = expected + 2 * (1 - (score + 1) / (1 + 1))
    assert GeneratorLoss(0.25, 2.0)(Constant(), (inputs, targets)) == pytest.approx(expected.item())


def test_soft_iou_is_a_plain_loop():
    rng = np.random.default_rng(0)
    scores, objects, where = rng.random((3, 4, 5)), rng.random((3, 4, 5)) < 0.5, rng.random((3, 4, 5)) < 0.8
    found = []
    for score, truth, counts in zip(scores, objects, where, strict=True):
        both = sum(s for s, t, c in zip(score.flat, truth.flat, counts.flat, strict=True) if t and c)
        either = sum(1 if t else s for s, t, c in zip(score.flat, truth.flat, counts.flat, strict=True) if c)
        found.append((both + 1) / (either + 1))
    mean = soft_iou(torch.from_numpy(scores), torch.from_numpy(objects), torch.from_numpy(where))
    assert mean.item() == pytest.approx(np.mean(found))


def test_one_table_serves_images_of_two_datasets(tmp_path):
    def record(name, class_name):
        return Record(name, tmp_path / f"{name}.jpg", "s", 8, 8, np.array([[1, 1, 5, 5]], np.float32), [class_name])

    write_boxes([record("x", "cat")], ["cat"], path=tmp_path / "one.h5", dataset="one")
    write_boxes([record("x", "elephant")], ["cat", "elephant"], path=tmp_path / "two.h5", dataset="two")
    table = BoxTable([tmp_path / "one.h5", tmp_path / "two.h5"])
    assert table.classes == ("background", "cat", "elephant")
    assert [image.classes for image in table.images] == [[1], [2]]
    assert [image.name for image in table.images] == ["one/x", "two/x"]
