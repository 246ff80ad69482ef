"""A generator's graph beside lpg's own way of asking the same network, outside the photograph too."""

import numpy as np
import pytest
import torch
from conftest import request_of
from torch import nn

from lpg.generators.learned.apply import LearnedGenerator
from lpg.generators.learned.pairs import BLANK_SCORE
from lpg.generators.learned.recipe import generator_recipe
from lpg.graphs.generator import GeneratorGraph
from lpg.graphs.own_way import masks_of_generator
from lpg.pixels.colours import Normalisation

HEIGHT, WIDTH = 41, 50  # padded to 64 × 64
BOX = (20, 10, 50, 41)  # at the right and at the lower edge


class Neighbourhood(nn.Module):
    """A pixel is object by what is within ten pixels of it, most of all by the score."""

    stride = multiple = 1
    normalisation = Normalisation((0.5, 0.4, 0.3), (0.2, 0.2, 0.2))

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Conv2d(5, 2, 21, padding=10)
        nn.init.normal_(self.mix.weight, std=0.02, generator=torch.Generator().manual_seed(0))
        self.mix.weight.data[1, 4] += 0.02
        self.mix.bias.data = torch.tensor([0.0, -0.02 * 21 * 21 / 2])  # in doubt where the score is a half

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.mix(x)


def generator_of(score_dropout: float, view: str = "image", **apply) -> LearnedGenerator:
    settings = {"architecture": "hourglass", "view": view, "score_dropout": score_dropout, "apply": apply}
    return LearnedGenerator(Neighbourhood(), generator_recipe(settings))


def photograph_of(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def score_of(height: int, width: int) -> np.ndarray:
    """Low at the left, high at the right: its edge is far from 0."""
    return np.linspace(20, 250, width).round().astype(np.uint8)[None].repeat(height, axis=0)


BLANK = np.full((HEIGHT, WIDTH), BLANK_SCORE, dtype=np.uint8)
ASKED = {
    "a score": (0.3, score_of(HEIGHT, WIDTH), score_of(HEIGHT, WIDTH)),
    "none": (0.3, None, BLANK),
    "a score as grey as none, of a generator that always had one": (0.0, BLANK, BLANK),
    "a score, of a generator that never saw one": (1.0, score_of(HEIGHT, WIDTH), score_of(HEIGHT, WIDTH)),
}


@pytest.mark.parametrize("apply", [{}, {"flip": True}], ids=["plain", "flip"])
@pytest.mark.parametrize(("score_dropout", "score", "shown"), ASKED.values(), ids=ASKED)
def test_outside_a_photograph_the_graph_shows_what_lpg_shows(score_dropout, score, shown, apply):
    generator, photograph = generator_of(score_dropout, **apply), photograph_of(HEIGHT, WIDTH)
    scores = {} if score is None else {0: 255 - score, 1: score}
    (wanted,) = generator([request_of(photograph, [BOX], [1], scores)])
    (soft,) = ask(GeneratorGraph(generator), photograph, shown)
    x0, y0, x1, y1 = BOX
    assert np.ptp(wanted.boxes[0]) > 25  # it is of more than one mind
    assert np.abs(255 * soft[y0:y1, x0:x1] - wanted.boxes[0]).max() < 0.501  # what rounding to 8 bits makes


def ask(graph: GeneratorGraph, photograph: np.ndarray, *scores: np.ndarray) -> np.ndarray:
    """The soft masks of a photograph with each of these scores, all in one batch, float32 (N, H, W)."""
    boxes = torch.zeros(len(scores), 1, *photograph.shape[:2], dtype=torch.uint8)
    x0, y0, x1, y1 = BOX
    boxes[..., y0:y1, x0:x1] = 255
    images = torch.from_numpy(photograph).permute(2, 0, 1)[None].expand(len(scores), -1, -1, -1)
    with torch.inference_mode():
        return graph(images, boxes, torch.from_numpy(np.stack(scores))[:, None])[0].numpy()


def test_one_blank_score_in_a_batch_is_blank_and_the_others_are_not():
    graph, photograph = GeneratorGraph(generator_of(0.3)), photograph_of(HEIGHT, WIDTH)
    score = score_of(HEIGHT, WIDTH)
    together = ask(graph, photograph, BLANK, score)
    alone = np.concatenate([ask(graph, photograph, BLANK), ask(graph, photograph, score)])
    assert np.allclose(together, alone, atol=1e-6)


@pytest.mark.parametrize("apply", [{}, {"guided_radius": 0.1, "score_weight": 1.0, "scale": [0.5, 2.0]}])
def test_the_check_at_export_sees_what_the_graph_alone_does(apply, tmp_path, monkeypatch):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    from lpg.graphs.agreement import compare
    from lpg.graphs.export import TOLERANCE, write_graph

    def padded_as_at_the_edge(graph: GeneratorGraph, score: torch.Tensor) -> torch.Tensor:
        missing = 0, -score.shape[-1] % graph.multiple, 0, -score.shape[-2] % graph.multiple
        return nn.functional.pad(score.float(), missing, mode="replicate").to(score.dtype)

    shapes = (1, 32, 64), (2, 41, 50)
    shares = []
    for padded in (GeneratorGraph._padded_score, padded_as_at_the_edge):
        monkeypatch.setattr(GeneratorGraph, "_padded_score", padded)
        graph = GeneratorGraph(generator_of(0.3, **apply))
        write_graph(graph, tmp_path / "graph.onnx", {})
        shares.append([one.share for one in compare(graph, tmp_path / "graph.onnx", shapes)])
    assert shares[0] == [1, 1]
    assert shares[1][0] == 1
    assert shares[1][1] < 1 - TOLERANCE


def test_a_pixel_of_one_half_is_object_as_in_lpg():
    """There the soft mask is rounded to 8 bits first, and 127.5 to 128."""
    soft = torch.tensor([[[0.49, 0.5, 0.51, 0.9]]])
    box_map = torch.tensor([[[[255, 255, 255, 0]]]], dtype=torch.uint8)
    mask = GeneratorGraph(generator_of(0.3)).mask({"foreground": soft}, {"box_map": box_map})
    assert mask.tolist() == [[[False, True, True, False]]]
    assert torch.equal((soft * 255).round() > 127, soft >= 0.5)


def test_windows_around_a_box_are_asked_of_lpg_where_it_makes_such(monkeypatch):
    from lpg.graphs.agreement import drawn

    graph = GeneratorGraph(generator_of(0.3, view="box", context=1.5))
    for batch, height, width in ((1, 48, 64), (2, 50, 50)):  # no squares, or none with a box of three quarters
        assert masks_of_generator(graph, drawn(graph, batch, height, width)) is None
    inputs = drawn(graph, 2, 64, 64)
    seen = []
    monkeypatch.setattr(Neighbourhood, "forward", lambda self, x: seen.append(x) or self.mix(x))
    masks = masks_of_generator(graph, inputs)
    assert masks.shape == (2, 64, 64)
    channels = torch.cat(
        [graph.network.normalisation(inputs["image"]), inputs["box_map"] / 255, inputs["score"] / 255], 1
    )
    assert torch.allclose(seen[-1], channels)


def test_lpg_is_asked_in_float32_wherever_it_would_take_bfloat16(monkeypatch):
    from lpg.graphs.agreement import drawn

    graph = GeneratorGraph(generator_of(0.3))
    inputs = drawn(graph, 1, HEIGHT, WIDTH)
    wanted = masks_of_generator(graph, inputs)
    kinds = []
    graph.network.mix.register_forward_hook(lambda layer, inputs, output: kinds.append(output.dtype))
    monkeypatch.setattr("lpg.networks.inference.has_bfloat16", lambda device: True)
    assert torch.equal(masks_of_generator(graph, inputs), wanted)
    assert set(kinds) == {torch.float32}
