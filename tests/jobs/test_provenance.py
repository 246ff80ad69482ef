"""Digests of settings and of inputs, and what a file says about how it was made."""

import json
import pickle
import subprocess
import sys
import tomllib
import zipfile
from collections import OrderedDict
from pathlib import Path

import h5py
import pytest
import torch
from conftest import ROOT

from lpg.jobs.provenance import (
    CONTENT,
    checkpoint_without_weights,
    content_digest,
    describe,
    file_digest,
    ingredients_digest,
    settings_digest,
)


def test_settings_digest_forgets_the_order_only():
    assert settings_digest({"a": 1, "b": [1, 2]}) == settings_digest({"b": [1, 2], "a": 1})
    assert settings_digest({"a": 1, "b": [1, 2]}) != settings_digest({"a": 1, "b": [2, 1]})
    assert settings_digest({"a": 1}) != settings_digest({"a": 2})


@pytest.fixture
def described(tmp_path):
    def describe_files(*names: str, rule: str = "train", settings: dict | None = None, code: str = "c") -> dict:
        return describe(rule=rule, settings=settings or {"a": 1}, code=code, inputs=[tmp_path / name for name in names])

    for name, text in {"one": "1", "two": "2", "one_again": "1"}.items():
        (tmp_path / name).write_text(text)
    return describe_files


def test_description_names_settings_code_and_inputs(described, tmp_path):
    description = described("one", "two", settings={"b": 2})
    assert json.loads(description["settings"]) == {"b": 2}
    assert description["settings_digest"] == settings_digest({"b": 2})
    assert (description["rule"], description["code_digest"]) == ("train", "c")
    assert description["input_digests"] == {
        str(tmp_path / name): file_digest(tmp_path / name) for name in ("one", "two")
    }


def test_file_digest_is_of_the_bytes(tmp_path, described):
    assert file_digest(tmp_path / "one") == file_digest(tmp_path / "one_again") != file_digest(tmp_path / "two")


def test_content_digest_of_a_file_of_ours_is_what_the_file_says(tmp_path, described):
    for name, maker in (("a.h5", "one script"), ("b.h5", "another script")):
        with h5py.File(tmp_path / name, "w") as file:
            file.attrs[CONTENT], file.attrs["code_digest"] = "what it holds", maker
    assert content_digest(tmp_path / "a.h5") == content_digest(tmp_path / "b.h5") == "what it holds"
    assert content_digest(tmp_path / "one") == file_digest(tmp_path / "one")
    assert ingredients_digest(described("a.h5")) == ingredients_digest(described("b.h5"))


def test_ingredients_digest_forgets_where_inputs_lie(described):
    assert ingredients_digest(described("one", "two")) == ingredients_digest(described("two", "one_again"))


@pytest.mark.parametrize("changed", [{"settings": {"a": 2}}, {"code": "d"}])
def test_ingredients_digest_sees_settings_and_code(described, changed):
    assert ingredients_digest(described("one", **changed)) != ingredients_digest(described("one"))


def test_ingredients_digest_sees_inputs(described):
    assert ingredients_digest(described("one")) != ingredients_digest(described("two"))
    assert ingredients_digest(described("one")) != ingredients_digest(described("one", "two"))


def test_ingredients_digest_sees_torch(described, monkeypatch):
    before = ingredients_digest(described("one"))
    monkeypatch.setattr("lpg.jobs.provenance.metadata.version", lambda name: "0.0")
    assert ingredients_digest(described("one")) != before


def test_version_is_that_of_the_package(described):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert described()["lpg_version"] == project["version"]


FACTS = {"kind": "segmenter", "losses": [1.5, 0.25], "recipe": {"crop": 64, "trunk": None}, "classes": ["a", "ö"]}


def test_all_of_a_checkpoint_but_its_weights_is_read_without_torch(tmp_path):
    weights = OrderedDict(a=torch.ones(2, 3), b=torch.arange(4))
    torch.save(FACTS | {"weights": weights}, tmp_path / "a.pt")
    assert checkpoint_without_weights(tmp_path / "a.pt") == FACTS | {"weights": {"a": None, "b": None}}
    read = "from lpg.jobs.provenance import checkpoint_without_weights as read"
    program = f"import sys; {read}; read(sys.argv[1]); print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "a.pt"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


class Code:
    def __reduce__(self) -> tuple:
        return Path.touch, (Path("was_run"),)


def test_what_a_checkpoint_names_is_not_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"weights": Code()}, "a.pt")
    with pytest.raises(pickle.UnpicklingError, match="is no plain value"):
        checkpoint_without_weights("a.pt")
    assert not Path("was_run").exists()


def test_a_checkpoint_that_is_packed_is_not_unpacked(tmp_path):
    torch.save(FACTS, tmp_path / "a.pt")
    with zipfile.ZipFile(tmp_path / "a.pt") as whole, zipfile.ZipFile(tmp_path / "b.pt", "w") as packed:
        for entry in whole.infolist():
            packed.writestr(entry.filename, whole.read(entry), zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match="its content is compressed"):
        checkpoint_without_weights(tmp_path / "b.pt")
