"""Graphs of every architecture against torch through onnxruntime, and against what lpg makes of photographs."""

import numpy as np
import pytest
import torch
from torchvision.models.resnet import Bottleneck, ResNet

from lpg.generators.learned.apply import LearnedGenerator
from lpg.generators.learned.recipe import generator_recipe
from lpg.graphs.generator import GeneratorGraph
from lpg.graphs.segmenter import SegmenterGraph
from lpg.networks.build import build_generator
from lpg.networks.registry import GENERATORS, SEGMENTERS
from lpg.networks.resnet_generator import TRUNKS
from lpg.pixels.windows import resize
from lpg.segmenter.apply import Segmenter
from lpg.segmenter.network import build_network
from lpg.segmenter.recipe import segmenter_recipe

SHAPES = (1, 32, 64), (2, 50, 37)


def generator_graph(architecture: str, **settings) -> GeneratorGraph:
    recipe = generator_recipe({"architecture": architecture} | settings)
    network = build_generator(architecture, trunk=recipe.trunk, output_stride=recipe.output_stride)
    return GeneratorGraph(LearnedGenerator(network, recipe)).eval()


def segmenter_graph(architecture: str, **settings) -> SegmenterGraph:
    recipe = segmenter_recipe({"architecture": architecture} | settings)
    return SegmenterGraph(Segmenter(build_network(recipe, 3), recipe, ("background", "cat", "dog"))).eval()


CASES = [
    *(pytest.param(segmenter_graph, name, {}, id=name) for name in SEGMENTERS),
    pytest.param(segmenter_graph, "resnet18", {"masking": True, "flip_test": True}, id="masking"),
    *(pytest.param(generator_graph, name, {"view": "image"}, id=f"generator-{name}") for name in GENERATORS),
    pytest.param(
        generator_graph, "unet", {"view": "box", "apply": {"flip": True, "guided_radius": 0.04}}, id="generator-guided"
    ),
]


@pytest.fixture
def shallow(monkeypatch):
    """ResNet101 with two blocks a stage at most: they are all alike, and a graph of 101 layers takes its time."""

    def trunk(weights: None, **arguments) -> ResNet:
        return ResNet(Bottleneck, [1, 1, 2, 2], **arguments)

    monkeypatch.setattr("lpg.networks.deeplab_v2.resnet101", trunk)
    monkeypatch.setitem(TRUNKS, 101, trunk)


@pytest.mark.usefixtures("shallow")
@pytest.mark.parametrize(("build", "architecture", "settings"), CASES)
def test_every_network_says_the_same_through_onnxruntime_at_any_size_and_batch(build, architecture, settings, tmp_path):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    from lpg.graphs.agreement import compare, drawn
    from lpg.graphs.export import write_graph

    torch.manual_seed(0)
    graph = build(architecture, **settings)
    write_graph(graph, tmp_path / "graph.onnx", {})
    one, several = compare(graph, tmp_path / "graph.onnx", SHAPES)
    assert (one.pixels, several.pixels) == (
        (32 * 64, 2 * 50 * 37) if "segmenter" in build.__name__ else (24 * 48, 2 * 37 * 28)
    )
    assert min(one.share, several.share) >= 0.999
    with torch.inference_mode():
        soft = graph(*drawn(graph, *SHAPES[0]).values())[0]
    assert 100 * max(one.largest, several.largest) < soft.max() - soft.min()


def test_a_segmenters_graph_gives_the_scores_that_its_photographs_have_in_lpg():
    torch.manual_seed(0)
    graph = segmenter_graph("resnet18", flip_test=True)
    photograph = np.random.default_rng(0).integers(0, 256, (40, 70, 3), dtype=np.uint8)
    segmenter = Segmenter(graph.network, graph.recipe, graph.classes)
    wanted = resize(segmenter.scores(photograph), 64, 96)[:, :40, :70]
    with torch.inference_mode():
        scores, labels = graph(torch.from_numpy(photograph).permute(2, 0, 1)[None])
    assert torch.allclose(scores[0], wanted, atol=1e-5)
    assert labels.shape == (1, 40, 70)
    assert torch.equal(labels[0].long(), scores[0].argmax(dim=0))
