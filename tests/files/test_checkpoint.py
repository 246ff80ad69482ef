"""Checkpoints: what is saved is read again, and anything else is refused in one sentence."""

import pytest
import torch
from torch import nn

from lpg.errors import InputError
from lpg.files.checkpoint import Checkpoint, fill, load_checkpoint
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
    assert loaded.provenance == {"rule": "train_segmenter"}
    assert loaded.weights["w"].tolist() == [1, 1]


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
    with pytest.raises(InputError, match=r"cannot be loaded as weights.*; restore the file or make it again$"):
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
