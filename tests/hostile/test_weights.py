"""Checkpoints of ours and weights of others; nothing that is in one is run."""

import io
import json
import os
import pickle
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import h5py
import pytest
import torch
from hostile.cases import attempt, cases
from hostile.mutations import mutated_bytes, mutated_tree
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save
from torch import nn

from lpg.errors import InputError
from lpg.files.checkpoint import Checkpoint, fill, load_checkpoint, read_weights
from lpg.files.inspection import inspect_file
from lpg.generators.baselines.sdi.hed import read_hed
from lpg.networks.weights import trunk_weights

WEIGHTS = {"weight": torch.zeros(2, 3), "bias": torch.zeros(2)}
PLAIN = {
    "kind": "generator",
    "recipe": {"architecture": "unet", "trunk": "t", "view": "box", "iterations": 3},
    "classes": ["background", "cat"],
    "losses": [1.0, 0.5],
    "initialisation": "none",
    "normalisation": {"mean": [0.5, 0.5, 0.5], "std": [0.1, 0.1, 0.1]},
    "provenance": {"lpg_version": "0"},
}


class Trap:
    """What is pickled of it makes a folder when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(self.mark),)


def saved(content: object) -> bytes:
    file = io.BytesIO()
    torch.save(content, file)
    return file.getvalue()


def shipped(facts: object) -> bytes:
    return save(WEIGHTS, metadata={"lpg": json.dumps(facts)})


def attempt_checkpoint(content: bytes, ending: str) -> None:
    """As a generator that is opened, and as a file that is looked into."""
    with TemporaryDirectory() as folder:
        path = Path(folder, f"generator{ending}")
        path.write_bytes(content)
        found = attempt(lambda: load_checkpoint(path, kind="generator"), [path], len(content))
        if found:
            assert isinstance(found, Checkpoint) and len(found.normalisation.mean) == 3
            attempt(lambda: fill(nn.Linear(3, 2), found, path), [path], len(content))
        attempt(lambda: json.dumps(inspect_file(path), default=str), [path], len(content))


@cases(3_000)
@given(mutated_tree(PLAIN), st.sampled_from([WEIGHTS, {}, {"weight": 1}, [1], {1: torch.zeros(1)}]))
def test_checkpoints(content, weights):
    attempt_checkpoint(saved({**content, "weights": weights} if isinstance(content, dict) else content), ".pt")


@cases(3_000)
@given(mutated_tree(PLAIN))
def test_shipped(content):
    attempt_checkpoint(shipped(content), ".safetensors")


@cases(1_500)
@given(mutated_bytes(st.just(saved({**PLAIN, "weights": WEIGHTS}))))
def test_broken_checkpoints(content):
    attempt_checkpoint(content, ".pt")


@cases(1_500)
@given(mutated_bytes(st.just(shipped(PLAIN))))
def test_broken_shipped(content):
    attempt_checkpoint(content, ".safetensors")


@pytest.mark.parametrize("wrap", [lambda trap: trap, lambda trap: {"a": trap}, lambda trap: {**PLAIN, "weights": trap}])
@pytest.mark.parametrize("write", [torch.save, lambda content, path: path.write_bytes(pickle.dumps(content))])
def test_code_is_not_run(tmp_path, wrap, write):
    path, mark = tmp_path / "vgg16.pth", tmp_path / "run"
    write(wrap(Trap(mark)), path)
    for read in (
        lambda: load_checkpoint(path, kind="generator"),
        lambda: trunk_weights("VGG16_Weights.IMAGENET1K_V1", str(path)),
        lambda: read_weights(path),
    ):
        with pytest.raises(InputError, match=r"vgg16\.pth cannot be loaded as weights"):
            read()
    assert not mark.exists()
    with suppress(Exception):  # what it gives is no checkpoint
        torch.load(path, weights_only=False)
    assert mark.exists()  # the trap does work


def test_weights_from_the_network_are_not_unpickled_either(monkeypatch):
    asked = {}
    monkeypatch.setattr(
        "torchvision.models._api.load_state_dict_from_url", lambda url, **options: asked.update(options) or {}
    )
    trunk_weights("VGG16_Weights.IMAGENET1K_V1", "imagenet")
    assert asked["weights_only"] is True


@cases(300)
@given(st.data())
def test_weights_of_hed(data):
    with TemporaryDirectory() as folder:
        path = Path(folder, "hed.h5")
        with h5py.File(path, "w") as file:
            file["block1/layers/conv2d/vars/0"] = data.draw(
                st.sampled_from([0.0, [1], "text", torch.zeros(3, 3, 3, 64)])
            )
            file["block1/layers/conv2d/vars/1"] = data.draw(st.sampled_from([0.0, [1.0], "text", torch.zeros(64)]))
        path.write_bytes(data.draw(mutated_bytes(st.just(path.read_bytes()))))
        attempt(lambda: read_hed(path), [path], path.stat().st_size)
