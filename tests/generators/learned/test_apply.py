"""A trained generator applied: masks lie where they belong, whatever the view, the photograph's size and the batch."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from conftest import request_of
from torch import nn
from torch.nn import functional

from lpg.errors import InputError
from lpg.files.checkpoint import Checkpoint
from lpg.generators.interface import Request
from lpg.generators.learned.apply import LearnedGenerator
from lpg.generators.learned.pairs import BLANK_SCORE
from lpg.generators.learned.recipe import generator_recipe
from lpg.networks.build import build_generator
from lpg.networks.inference import AT_ONCE
from lpg.pixels.box_maps import box_map
from lpg.pixels.colours import Normalisation

SIZES = [(40, 64), (37, 101), (130, 9), (1, 50)]


class Echo(nn.Module):
    """A network whose object is one of its own input channels, at stride 4 as the real one's logits.

    Attributes:
        seen: all inputs.
    """

    normalisation = Normalisation((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    multiple = 4

    def __init__(self, channel: int) -> None:
        super().__init__()
        self.channel, self.seen = channel, []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.seen.append(x)
        shown = functional.avg_pool2d(x[:, self.channel : self.channel + 1], 4)
        return torch.cat([torch.zeros_like(shown), 20 * (shown - 0.5)], dim=1)


def generator_of(network: nn.Module, **settings) -> LearnedGenerator:
    return LearnedGenerator(network, generator_recipe({"architecture": "hourglass", "crop": 64} | settings))


def noise(height: int, width: int, boxes, class_ids, seed: int = 0) -> Request:
    """A photograph of noise and scores of zero."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return request_of(pixels, boxes, class_ids)


@pytest.fixture(scope="module")
def hourglass() -> nn.Module:
    torch.manual_seed(0)
    return build_generator("hourglass")


@pytest.fixture(params=["image", "box"])
def view(request) -> str:
    return request.param


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_a_mask_lies_where_its_box_is(view, height, width):
    box = [width * 0.25, height * 0.2, width * 0.75, height * 0.9]
    answer = generator_of(Echo(channel=3), view=view)([noise(height, width, [box], [3])])[0]
    expected = box_map(np.array([box]), height, width)
    wrong = (answer.foreground[0] > 127) != expected
    assert answer.foreground.shape == (1, height, width)
    assert not wrong[~expected].any()
    # At stride 4 an edge may be off by less than one cell of the network.
    eroded = cv2.erode(np.pad(expected.astype(np.uint8), 6), np.ones((9, 9)))[6:-6, 6:-6] > 0
    assert not wrong[eroded].any()


def test_scores_reach_the_network_in_register_with_the_photograph(view):
    request = noise(48, 64, [[8, 8, 56, 40]], [2])
    request.scores[2][8:40, 8:32] = 255
    mask = generator_of(Echo(channel=4), view=view)([request])[0].foreground[0] > 127
    assert mask[14:34, 12:27].all()
    assert not mask[:, 37:].any()


@pytest.mark.parametrize("pixels", [2**20, 1])
def test_a_batch_of_many_photographs_gives_what_each_gives_alone(hourglass, view, monkeypatch, pixels):
    monkeypatch.setattr("lpg.networks.inference.PIXELS", {"cpu": pixels})
    generator = generator_of(hourglass, view=view)
    requests = [
        noise(40, 64, [[2, 2, 30, 30], [10, 5, 60, 38]], [1, 2], seed=1),
        noise(33, 50, [[5, 5, 20, 30], [25, 5, 45, 30], [0, 0, 50, 33]], [1, 1, 4], seed=2),
        noise(40, 64, [[1, 1, 20, 20]], [2], seed=3),
    ]
    together = generator(requests)
    for request, answer in zip(requests, together, strict=True):
        alone = generator([request])[0]
        # Sums are taken in another order for another batch size: one grey level of 255 at most.
        assert np.abs(alone.foreground.astype(int) - answer.foreground).max() <= 1
        assert [mask.shape for mask in alone.boxes] == [mask.shape for mask in answer.boxes]
    assert len({answer.foreground.tobytes() for answer in together}) == 3


def test_pairs_go_through_the_network_a_batch_at_a_time(monkeypatch):
    monkeypatch.setitem(AT_ONCE, "cpu", 2)
    network = Echo(channel=3)
    recipe = generator_recipe({"architecture": "hourglass", "view": "box", "crop": 64})
    boxes = [[left, 2, left + 9, 30] for left in range(5)]
    LearnedGenerator(network, recipe)([noise(40, 64, boxes, [1] * 5)])
    assert [len(x) for x in network.seen] == [2, 2, 1]


def test_without_a_segmenter_the_score_is_the_blank_of_training(view):
    blind = replace(noise(40, 64, [[4, 4, 30, 30], [20, 10, 60, 36]], [1, 2]), scores={})
    network = Echo(channel=4)
    generator_of(network, view=view, score_dropout=0.5)([blind])
    assert (network.seen[0][:, 4] == BLANK_SCORE / 255).all()
    with pytest.raises(InputError, match=r"^this generator has never been without a score \(score_dropout: 0"):
        generator_of(network, view=view)([blind])


def test_view_box_keeps_a_mask_per_box_and_takes_their_maximum(hourglass):
    request = noise(40, 64, [[4, 4, 30, 30], [20, 10, 60, 36]], [1, 1])
    answer = generator_of(hourglass, view="box")([request])[0]
    assert [mask.shape for mask in answer.boxes] == [(26, 26), (26, 40)]
    expected = np.zeros((40, 64), dtype=np.uint8)
    expected[4:30, 4:30] = answer.boxes[0]
    expected[10:36, 20:60] = np.maximum(expected[10:36, 20:60], answer.boxes[1])
    assert np.array_equal(answer.foreground[0], expected)


def test_view_image_gives_every_box_what_its_class_has_inside_it(hourglass):
    request = noise(40, 64, [[20, 10, 60, 36], [4, 4, 30, 30], [15, 0, 40, 40]], [7, 1, 7])
    answer = generator_of(hourglass, view="image")([request])[0]
    first, second = answer.foreground  # of the classes 1 and 7
    assert first[4:30, 4:30].any() and second[10:36, 20:60].any()
    for mask, expected in zip(answer.boxes, (second[10:36, 20:60], first[4:30, 4:30], second[:, 15:40]), strict=True):
        assert np.array_equal(mask, expected)


def test_the_score_of_a_class_is_read_once_for_all_its_boxes():
    read = []

    class Counted(dict):
        def __getitem__(self, class_id):
            read.append(class_id)
            return super().__getitem__(class_id)

    request = noise(40, 64, [[4, 4, 30, 30], [20, 10, 60, 36], [0, 0, 20, 20]], [1, 1, 2])
    generator_of(Echo(channel=4), view="box")([replace(request, scores=Counted(request.scores))])
    assert read == [1, 2]


def test_a_guided_mask_ends_where_the_object_does(view):
    request = noise(50, 70, [[4, 5, 64, 47]], [1])
    request.photograph[:] = 20
    request.photograph[11:39, 13:51] = 230
    wrong = {}
    for radius in (0.0, 0.1):
        generator = generator_of(Echo(channel=0), view=view, apply={"guided_radius": radius})
        mask = generator([request])[0].foreground[0] > 127
        wrong[radius] = int((mask != (request.photograph[..., 0] > 127)).sum())
    assert wrong[0.1] == 0 < wrong[0.0]


def test_a_mirrored_input_is_averaged_with_it(view):
    class Left(Echo):
        """Says object on the left, whatever it sees."""

        def forward(self, x):
            logits = super().forward(x) * 0
            logits[:, 1, :, : logits.shape[-1] // 2] = 100
            logits[:, 1, :, logits.shape[-1] // 2 :] = -100
            return logits

    request = noise(64, 64, [[0, 0, 64, 64]], [1])
    plain, averaged = (
        generator_of(Left(3), view=view, apply={"flip": flip})([request])[0].foreground[0] for flip in (False, True)
    )
    assert (plain[:, :24] == 255).all() and (plain[:, 40:] == 0).all()
    assert (np.abs(averaged[:, :24] - 127.5) < 1).all() and (np.abs(averaged[:, 40:] - 127.5) < 1).all()


def test_of_several_scales_the_soft_masks_are_averaged(view):
    class Large(Echo):
        """Takes all for the object, but only if its input is wider than 64 pixels."""

        def forward(self, x):
            sure = 100.0 if x.shape[-1] > 64 else -100.0
            return super().forward(x) * 0 + torch.tensor([0, sure])[:, None, None]

    request = noise(40, 64, [[0, 0, 30, 30], [10, 5, 64, 40]], [1, 2])
    for scale, values in ((1.0, {0}), (2.0, {255}), ([1.0, 2.0], {128}), ([2.0, 1.0, 1.0, 2.0, 2.0], {153})):
        masks = generator_of(Large(3), view=view, apply={"scale": scale})([request])[0].boxes
        assert [mask.shape for mask in masks] == [(30, 30), (35, 54)]
        assert all(set(np.unique(mask)) == values for mask in masks)


def test_a_box_that_several_scales_show_alike_is_shown_once():
    shown = []

    class Seeing(Echo):
        def forward(self, x):
            shown.extend([x.shape[-1]] * len(x))
            return super().forward(x)

    request = noise(80, 80, [[4, 4, 12, 12], [0, 0, 80, 80]], [1, 2])
    apply = {"scale": [0.75, 1.0, 1.0], "context": 1.0, "magnify": 2.5}
    small, large = generator_of(Seeing(3), view="box", apply=apply, crop=64)([request])[0].boxes
    assert sorted(shown) == [40, 48, 64]
    assert (small.shape, large.shape) == ((8, 8), (80, 80))


def test_a_checkpoint_gives_the_generator_that_was_saved_or_applies_it_in_another_way(hourglass, view, tmp_path):
    recipe = generator_recipe({"architecture": "hourglass", "view": view, "crop": 64, "apply": {"scale": 2.0}})
    Checkpoint(
        kind="generator",
        recipe=recipe.plain(),
        classes=("background", "cat"),
        weights=hourglass.state_dict(),
        losses=[],
        initialisation="none",
        normalisation=Normalisation((0.4, 0.5, 0.6), (0.1, 0.2, 0.3)),  # not what the registry says
    ).save(tmp_path / "generator.pt")
    loaded = LearnedGenerator.load(tmp_path / "generator.pt")
    assert loaded.recipe == recipe
    assert loaded.model.normalisation == Normalisation((0.4, 0.5, 0.6), (0.1, 0.2, 0.3))
    x = torch.rand(1, 5, 64, 64)
    with torch.inference_mode():
        assert torch.allclose(loaded.model(x), hourglass.eval()(x), atol=1e-4)
    changed = LearnedGenerator.load(tmp_path / "generator.pt", apply={"flip": True}).recipe
    assert changed == recipe.model_copy(update={"apply": recipe.apply.model_copy(update={"flip": True})})


def test_a_key_of_the_other_view_is_refused(hourglass, tmp_path):
    recipe = generator_recipe({"architecture": "hourglass", "crop": 64})
    normalisation = Normalisation((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    path = tmp_path / "generator.pt"
    Checkpoint(
        kind="generator", recipe=recipe.plain(), classes=("background", "cat"), weights=hourglass.state_dict(),
        losses=[], initialisation="none", normalisation=normalisation,
    ).save(path)  # fmt: skip
    with pytest.raises(InputError, match=rf"^{path} cannot make masks that way: apply: unknown key .context"):
        LearnedGenerator.load(path, apply={"context": 1.5})


@pytest.mark.parametrize("change", [{"view": "object"}, {"architecture": "mamba"}])
def test_a_generator_of_another_version_is_refused(hourglass, tmp_path, change):
    recipe = generator_recipe({"architecture": "hourglass", "crop": 64}).plain() | change
    path, normalisation = tmp_path / "generator.pt", Normalisation((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    Checkpoint(
        kind="generator", recipe=recipe, classes=("background", "cat"), weights=hourglass.state_dict(),
        losses=[], initialisation="none", normalisation=normalisation,
    ).save(path)  # fmt: skip
    (said,) = change.values()
    with pytest.raises(InputError, match=rf"^{path} is of another version of lpg: unknown (architecture )?'{said}'"):
        LearnedGenerator.load(path)


def test_a_generator_asks_for_the_scores_that_it_was_trained_with():
    assert not generator_of(Echo(4)).named_score
    assert generator_of(Echo(4), named_score=True).named_score


def test_a_generator_that_has_never_seen_a_score_is_shown_none_and_may_lean_on_one(view):
    network, request = Echo(channel=4), noise(64, 64, [[0, 0, 64, 64]], [1])
    request.scores[1][:] = 255
    plain, leaning = (
        generator_of(network, view=view, score_dropout=1, apply={"score_weight": weight})([request])[0].foreground[0]
        for weight in (0, 1)
    )
    assert all((x[:, 4] == BLANK_SCORE / 255).all() for x in network.seen)
    assert (leaning > plain).all()


def test_the_logit_of_the_score_is_added_by_its_weight_where_there_is_a_score(view):
    half = Echo(channel=4)
    half.forward = lambda x: torch.tensor([0.0, 1.0]).expand(len(x), *x.shape[-2:], 2).movedim(-1, 1)
    request = noise(64, 64, [[0, 0, 64, 64]], [1])
    request.scores[1][:] = 204  # 0.8
    expected = {0.0: 1.0, 0.5: 1 + np.log(4) / 2, 2.0: 1 + 2 * np.log(4)}
    for weight, logit in expected.items():
        generator = generator_of(half, view=view, score_dropout=0.5, apply={"score_weight": weight})
        scored, blind = generator([request, replace(request, scores={})])
        assert abs(scored.foreground[0, 32, 32] - 255 / (1 + np.exp(-logit))) < 1
        assert abs(blind.foreground[0, 32, 32] - 255 / (1 + np.exp(-1))) < 1
