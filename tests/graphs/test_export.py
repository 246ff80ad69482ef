"""The file of a whole generator, used as its page says; and what is refused."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from conftest import ROOT, request_of
from skimage import data

from lpg.acquisition.photographs import BOXED
from lpg.errors import InputError
from lpg.files.checkpoint import Checkpoint, load_checkpoint
from lpg.generators.learned.apply import LearnedGenerator
from lpg.generators.shipped import SHIPPED, generator_path
from lpg.graphs.export import export_onnx
from lpg.pixels.windows import resize
from lpg.segmenter.apply import Segmenter
from lpg.segmenter.network import build_network
from lpg.segmenter.recipe import segmenter_recipe


def example(name: str) -> Callable[..., np.ndarray]:
    """The function of this name in the page's lines, which read a file of the working directory."""
    page = (ROOT / "docs" / "onnx.md").read_text()
    (lines,) = (block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if f"def {name}" in block)
    names = {}
    exec(lines, names)
    return names[name]


def test_the_lines_of_the_page_make_the_masks_of_lpg(tmp_path, monkeypatch):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    report = export_onnx(SHIPPED["general"].path, tmp_path / "general.onnx")
    assert (report.kind, report.path) == ("generator", tmp_path / "general.onnx")
    assert report.agreement >= 0.999
    monkeypatch.chdir(tmp_path)
    mask_of_box = example("mask_of_box")
    generator, photograph = LearnedGenerator.load(SHIPPED["general"].path), data.coffee()
    for _, box in BOXED[data.coffee]:
        (answer,) = generator([replace(request_of(photograph, [box], [1]), scores={})])
        assert (mask_of_box(photograph, box) == (answer.foreground[0] > 127)).mean() >= 0.999


def test_the_lines_of_the_page_show_a_generator_a_score_as_lpg_does(tmp_path, monkeypatch):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    checkpoint = load_checkpoint(SHIPPED["general"].path, kind="generator")
    apply = checkpoint.recipe["apply"] | {"score_weight": 0.0, "scale": [0.7], "flip": False}
    reading = checkpoint.recipe | {"score_dropout": 0.5, "crop": 260, "apply": apply}  # 182 pixels: 192 are seen
    replace(checkpoint, recipe=reading).save(tmp_path / "generator.pt")
    from lpg.graphs.agreement import Agreement

    monkeypatch.setattr("lpg.graphs.agreement.compare", lambda graph, path: [Agreement(1, 0, 0.0)])  # others ask it
    export_onnx(tmp_path / "generator.pt", tmp_path / "general.onnx")
    monkeypatch.chdir(tmp_path)
    mask_of_box = example("mask_of_box")
    generator, photograph = LearnedGenerator.load(tmp_path / "generator.pt"), data.coffee()
    height, width = photograph.shape[:2]
    score = np.linspace(0, 255, height).astype(np.uint8)[:, None].repeat(width, axis=1)
    box = (width - 300, height - 250, width, height)  # the window leaves the photograph at two sides
    (with_score,) = generator([request_of(photograph, [box], [1], {0: 255 - score, 1: score})])
    (without,) = generator([replace(request_of(photograph, [box], [1]), scores={})])
    wanted, other = (answer.foreground[0] > 127 for answer in (with_score, without))
    assert (wanted != other).mean() > 0.003
    assert (mask_of_box(photograph, box, score) == wanted).mean() >= 0.999
    assert (mask_of_box(photograph, box) == other).mean() >= 0.999


def test_a_generators_graph_has_the_apply_that_it_is_given(tmp_path, monkeypatch):
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    from lpg.graphs.agreement import Agreement

    monkeypatch.setattr("lpg.graphs.agreement.compare", lambda graph, path: [Agreement(1, 0, 0.0)])  # others ask it
    shipped = LearnedGenerator.load(SHIPPED["general"].path).recipe.apply
    assert shipped.guided_radius and shipped.context != 1.5
    export_onnx(SHIPPED["general"].path, tmp_path / "g.onnx", apply={"guided_radius": 0, "context": 1.5})
    model = onnx.load(tmp_path / "g.onnx")
    facts = json.loads({item.key: item.value for item in model.metadata_props}["lpg"])
    assert facts["recipe"]["apply"] == shipped.plain() | {"guided_radius": 0, "context": 1.5}
    assert [one.name for one in model.graph.output] == ["foreground"], "no guided filter, no functions"


@pytest.fixture
def segmenter(tmp_path):
    """A checkpoint of a small network, which wants photographs of 100 pixels."""
    torch.manual_seed(0)
    recipe = segmenter_recipe({"architecture": "lraspp", "long_side": 100})
    network = build_network(recipe, 3).eval()
    with torch.inference_mode():  # no class is everywhere the likeliest
        pixels = torch.from_numpy(data.coffee()).permute(2, 0, 1)[None]
        usual = network(network.normalisation(pixels)).mean(dim=(0, 2, 3))
        network.last_layers()[0].bias.sub_(usual)
    classes, weights = ("background", "cat", "dog"), network.state_dict()
    path = tmp_path / "segmenter.pt"
    Checkpoint("segmenter", recipe.model_dump(), classes, weights, [], "none", network.normalisation).save(path)
    return path


def test_a_segmenters_file_says_what_it_is_and_what_lpg_says(segmenter, tmp_path, monkeypatch):
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    assert export_onnx(segmenter, tmp_path / "segmenter.onnx").kind == "segmenter"
    model = onnx.load(tmp_path / "segmenter.onnx")
    facts = json.loads({item.key: item.value for item in model.metadata_props}["lpg"])
    assert facts["classes"] == ["background", "cat", "dog"]
    assert (facts["kind"], facts["architecture"], facts["multiple"]) == ("segmenter", "lraspp", 32)
    assert facts["recipe"]["long_side"] == 100
    axes = {one.name: [axis.dim_param or axis.dim_value for axis in one.type.tensor_type.shape.dim]
            for one in (*model.graph.input, *model.graph.output)}  # fmt: skip
    assert axes["image"] == ["batch", 3, "height", "width"]
    assert axes["labels"] == ["batch", "height", "width"]
    monkeypatch.chdir(tmp_path)
    photograph, alike = data.coffee(), Segmenter.load(segmenter)
    scores, (window, _) = alike.scores(photograph), alike.window(400, 600)
    wanted = resize(scores, window.height, window.width)[:, :400, :600].argmax(dim=0).numpy()
    assert len(np.unique(wanted)) > 1
    # An untrained network is of two minds in many places; of a trained one 99.9 % are the same.
    assert (example("labels_of")(photograph) == wanted).mean() >= 0.99


def test_a_file_whose_masks_differ_is_not_written(segmenter, tmp_path, monkeypatch):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    from lpg.graphs.agreement import Agreement

    monkeypatch.setattr(
        "lpg.graphs.agreement.compare", lambda graph, path: [Agreement(9000, 0, 0.0), Agreement(1000, 2, 0.5)]
    )
    with pytest.raises(InputError, match=r"its masks differ from lpg's in 0\.20 % of the pixels; take another"):
        export_onnx(segmenter, tmp_path / "segmenter.onnx")
    assert [path.name for path in tmp_path.iterdir()] == ["segmenter.pt"]


def test_missing_packages_are_named(segmenter, tmp_path, monkeypatch):
    monkeypatch.setattr("lpg.graphs.export.find_spec", lambda name: None)
    with pytest.raises(InputError) as refusal:
        export_onnx(segmenter, tmp_path / "segmenter.onnx")
    assert str(refusal.value) == 'ONNX needs onnx and onnxruntime; install them: pip install -e ".[onnx]"'


def test_a_checkpoint_is_not_written_over(tmp_path):
    path = tmp_path / "g.safetensors"
    shutil.copy(generator_path("general"), path)
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"g\.safetensors is the checkpoint itself; name another file to write"):
        export_onnx(path, path)
    assert path.read_bytes() == before
