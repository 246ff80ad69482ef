"""Files of ours that say what cannot be are refused in a sentence, not read."""

import json

import h5py
import numpy as np
import pytest
import torch
from conftest import photograph_of

from lpg.errors import InputError
from lpg.files.boxes import BoxTable, write_boxes
from lpg.files.checkpoint import Checkpoint, load_checkpoint, read_weights
from lpg.files.label_maps import LabelMaps
from lpg.files.lineage import trace
from lpg.files.made_by import made_by, plain
from lpg.jobs.stamps import NAME
from lpg.pixels.colours import Normalisation


@pytest.fixture
def boxes(tmp_path):
    images = [photograph_of(6, 8, [[1, 1, 5, 4], [2, 2, 4, 4]], [1, 2]), photograph_of(4, 5, [[0, 0, 5, 4]], [2], "b")]
    write_boxes(images, ["cat", "dog"], path=tmp_path / "boxes.h5", dataset="tiny")
    return tmp_path / "boxes.h5"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("boxes/edges", np.full((3, 4), np.nan, np.float32), "a box leaves its photograph"),
        ("boxes/edges", np.array([[0, 0, 9, 6]] * 3, np.float32), "a box leaves its photograph"),
        ("boxes/edges", np.zeros((2, 4), np.float32), "the numbers of boxes, classes and ids differ"),
        ("boxes/class_id", np.array([1, 2, 3], np.uint8), "a box is of no class"),
        ("boxes/class_id", np.array([1, 2, 0], np.uint8), "a box is of no class"),
        ("boxes/offset", np.array([0, 3, 1]), "boxes/offset does not ascend from 0"),
        ("boxes/offset", np.array([1, 2, 3]), "boxes/offset does not ascend from 0"),
        ("images/size", np.array([[6, 8]], np.int32), "the numbers of photographs"),
        ("images/size", np.array([[0, 0], [4, 5]], np.int32), "a photograph has no size"),
        ("images/name", np.array([1, 2]), "asstr"),
        ("images/name", np.array([b"a"]), "the numbers of photographs"),
        ("excluded/edges", np.full((0, 5), 0.0), "excluded boxes are lost"),
        ("boxes/object_id", np.array([b"{", b"1", b"1"]), "Expecting"),
    ],
)
def test_a_table_of_boxes(boxes, name, value, reason):
    with h5py.File(boxes, "r+") as file:
        del file[name]
        file[name] = value
    with pytest.raises(InputError, match=rf"boxes\.h5 is damaged, or no file of lpg \(.*{reason}.*\); restore it, or"):
        BoxTable([boxes])


@pytest.mark.parametrize("shapes", [[[6, 8], [4, 6]], [[-6, -8], [4, 5]], [[6, 8], [2**40, 2**40]], [6, 8]])
def test_arrays_of_other_shapes_than_they_have_values(boxes, shapes):
    with h5py.File(boxes, "r+") as file:
        del file["label_maps/shapes"]
        file["label_maps/shapes"] = np.array(shapes)
    with pytest.raises(InputError, match=r"boxes\.h5 is damaged, or no file of lpg"):
        LabelMaps([boxes])


@pytest.mark.parametrize("classes", ["[]", "{}", "[1]", "[", '"cat"'])
def test_a_class_table(boxes, classes):
    with h5py.File(boxes, "r+") as file:
        file.attrs["classes"] = classes
    with pytest.raises(InputError, match=r"boxes\.h5 is damaged, or no file of lpg"):
        LabelMaps([boxes])


@pytest.mark.parametrize(
    "changed",
    [
        {"normalisation": {"mean": [1, 2, 3]}},
        {"normalisation": {"mean": [1, 2, 3], "std": [1, 2, float("nan")]}},
        {"normalisation": {"mean": 1, "std": "x"}},
        {"normalisation": None},
        {"recipe": {}},
        {"recipe": "unet"},
        {"classes": None},
        {"classes": [1]},
        {"weights": {"w": 1}},
        {"weights": [torch.ones(1)]},
        {"losses": 1},
        {"losses": [10**400]},
        {"provenance": "generator"},
    ],
)
def test_a_checkpoint(tmp_path, changed):
    path = tmp_path / "segmenter.pt"
    recipe, normalisation = {"architecture": "unet"}, Normalisation((0.4, 0.5, 0.6), (0.1, 0.2, 0.3))
    Checkpoint("segmenter", recipe, ("background", "cat"), {"w": torch.ones(2)}, [1.0], "none", normalisation).save(
        path
    )
    torch.save(torch.load(path, weights_only=True) | changed, path)
    with pytest.raises(InputError, match=r"segmenter\.pt is a damaged checkpoint \(.+\); move it away, and the same"):
        load_checkpoint(path, kind="segmenter")


@pytest.mark.parametrize(
    ("said", "known"), [("generator", {}), (0, {}), (["a"], {}), ({"input_digests": 3, "rule": "{"}, {"rule": "{"})]
)
def test_what_made_a_file_is_told_as_far_as_it_is_told(tmp_path, said, known):
    torch.save({"provenance": said}, tmp_path / "a.pt")
    assert made_by(tmp_path / "a.pt") == known
    (origin,) = trace(tmp_path / "a.pt")
    assert origin.depth == 0


def test_brackets_without_end_are_no_json(tmp_path):
    deep = "[" * 30_000
    (tmp_path / "a.json").write_text(deep)
    with pytest.raises(InputError, match=r"a\.json is no JSON"):
        made_by(tmp_path / "a.json")
    header = json.dumps({"__metadata__": {NAME: deep}}).encode()
    (tmp_path / "a.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(InputError, match=r"a\.safetensors cannot be read as weights"):
        made_by(tmp_path / "a.safetensors")
    assert plain(deep) == deep  # as an attribute may be


@pytest.mark.parametrize(
    "content", [[torch.ones(1)], torch.ones(1), {"state_dict": {"w": torch.ones(1)}}, {1: torch.ones(1)}]
)
def test_weights_of_others(tmp_path, content):
    torch.save(content, tmp_path / "weights.pth")
    with pytest.raises(InputError, match=r"weights\.pth holds no state dict; save the network's state_dict\(\) alone"):
        read_weights(tmp_path / "weights.pth")
