"""Checkpoints: what is saved is read again, and anything else is refused in one sentence."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from lpg.errors import InputError
from lpg.files.checkpoint import Checkpoint, fill, load_checkpoint
from lpg.jobs.provenance import CONTENT
from lpg.pixels.colours import Normalisation

NORMALISATION = Normalisation((0.4, 0.5, 0.6), (0.1, 0.2, 0.3))


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / "segmenter.pt"
    Checkpoint(
        kind="segmenter",
        recipe={"architecture": "largefov"},
        classes=("background", "cat"),
        weights={"w": torch.ones(2)},
        losses=[1.0, 0.5],
        initialisation="none",
        normalisation=NORMALISATION,
        provenance={"rule": "train_segmenter"},
    ).save(path)
    return path


def test_checkpoint_round_trip(checkpoint):
    loaded = load_checkpoint(checkpoint, kind="segmenter", architecture="largefov", classes=("background", "cat"))
    assert loaded.losses == [1.0, 0.5]
    assert loaded.normalisation == NORMALISATION
    assert loaded.provenance == {"rule": "train_segmenter", CONTENT: loaded.content_digest()}
    assert loaded.weights["w"].tolist() == [1, 1]


def test_a_network_is_handed_on_in_half_precision_with_all_that_is_to_be_known_of_it(checkpoint, tmp_path):
    whole = load_checkpoint(checkpoint, kind="segmenter")
    weights = {"kernel": torch.tensor([[1 / 3, 2.0]]), "variance": torch.tensor([1e5]), "seen": torch.tensor(7)}
    weights["filters"] = torch.arange(16.0).reshape(2, 2, 2, 2).to(memory_format=torch.channels_last)
    shipped = tmp_path / "one.safetensors"
    replace(whole, weights=weights).ship(shipped)
    assert shipped.stat().st_mode == checkpoint.stat().st_mode, "who may read the one may read the other"
    read = load_checkpoint(shipped, kind="segmenter")
    assert read.weights["kernel"].tolist() == [[pytest.approx(1 / 3, rel=1e-3), 2.0]]
    assert read.weights["variance"].tolist() == [1e5], "more than a half can hold"
    assert read.weights["seen"].item() == 7
    assert torch.equal(read.weights["filters"], weights["filters"])
    assert {value.dtype for value in read.weights.values()} == {torch.float32, torch.int64}
    made = {"rule": "train_segmenter"}  # the digest is of the whole weights
    assert replace(read, weights={}) == replace(whole, weights={}, losses=[], provenance=made)
    replace(whole, weights=weights).ship(shipped, by={"rule": "ship_generator"})
    assert load_checkpoint(shipped, kind="segmenter").provenance["handed_on"] == {"rule": "ship_generator"}
    with pytest.raises(InputError, match=r"one\.safetensors holds a segmenter, not a generator; give the other file$"):
        load_checkpoint(shipped, kind="generator")


def test_a_damaged_or_a_foreign_file_of_weights_is_refused(tmp_path):
    path = tmp_path / "one.safetensors"
    with pytest.raises(InputError, match=r"one\.safetensors does not exist; mend the path"):
        load_checkpoint(path, kind="generator")
    path.write_bytes(b"hello")
    with pytest.raises(
        InputError, match=r"one\.safetensors cannot be loaded as weights \(.*; move it away, and the same"
    ):
        load_checkpoint(path, kind="generator")
    save_file({"w": torch.ones(2)}, path)
    with pytest.raises(
        InputError, match=r"one\.safetensors is not a checkpoint of lpg; give a segmenter\.pt or a gener"
    ):
        load_checkpoint(path, kind="generator")


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        ({"kind": "generator"}, "holds a segmenter, not a generator"),
        (
            {"kind": "segmenter", "architecture": "resnet101"},
            "holds a largefov, but the configuration asks for resnet101",
        ),
        ({"kind": "segmenter", "classes": ("background", "dog")}, "trained for the classes background, cat"),
    ],
)
def test_a_checkpoint_of_something_else_is_refused(checkpoint, expected, message):
    with pytest.raises(InputError, match=message):
        load_checkpoint(checkpoint, **expected)


@pytest.mark.parametrize("content", [b"hello", b"", b"\x80\x02cos\nsystem\nq\x00."])
def test_a_file_that_is_no_checkpoint_is_refused_in_one_line(checkpoint, content):
    checkpoint.write_bytes(content)
    with pytest.raises(
        InputError,
        match=r"cannot be loaded as weights.*; move it away, and the same command makes it anew; restore it if it",
    ):
        load_checkpoint(checkpoint, kind="segmenter")


def test_weights_of_another_network_than_the_recipe_names_are_refused(checkpoint):
    loaded = load_checkpoint(checkpoint, kind="segmenter")
    with pytest.raises(InputError, match=r"segmenter\.pt: its weights are not those of the .* that its recipe names"):
        fill(nn.Linear(2, 2), loaded, checkpoint)


def test_a_filled_network_has_the_weights_and_their_normalisation(checkpoint):
    network = nn.Module()
    network.w = nn.Parameter(torch.zeros(2))
    fill(network, load_checkpoint(checkpoint, kind="segmenter"), checkpoint)
    assert network.w.tolist() == [1, 1]
    assert network.normalisation == NORMALISATION


def test_other_files_of_torch_are_no_checkpoints(checkpoint):
    torch.save({"w": torch.ones(2)}, checkpoint)
    with pytest.raises(InputError, match=r"segmenter\.pt is not a checkpoint of lpg"):
        load_checkpoint(checkpoint, kind="segmenter")


def test_a_truncated_checkpoint_is_refused(checkpoint):
    checkpoint.write_bytes(checkpoint.read_bytes()[:200])
    with pytest.raises(InputError, match="cannot be loaded as weights"):
        load_checkpoint(checkpoint, kind="segmenter")
