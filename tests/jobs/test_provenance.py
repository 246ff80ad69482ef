"""Digests of settings and of inputs, and what a file says about how it was made."""

import json
import tomllib

import h5py
import pytest
from conftest import ROOT

from lpg.jobs.provenance import (
    CONTENT,
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
    assert ingredients_digest(described("one", "two")) == ingredients_digest(described("one_again", "two"))


def test_ingredients_digest_keeps_the_order_of_inputs(described):
    assert ingredients_digest(described("one", "two")) != ingredients_digest(described("two", "one"))


def test_ingredients_digest_keeps_the_roles_of_inputs(described, tmp_path):
    one, two, again = (str(tmp_path / name) for name in ("one", "two", "one_again"))
    provenance = described("one", "two", "one_again")

    def digest(**roles: list[str]) -> str:
        return ingredients_digest(provenance, roles)

    assert digest(boxes=[one], labels=[two]) == digest(boxes=[again], labels=[two])
    assert digest(boxes=[one], labels=[two]) != digest(boxes=[two], labels=[one])
    assert digest(boxes=[one, two]) != digest(boxes=[two, one])
    assert digest(boxes=[one], labels=[one]) != digest(boxes=[one]), "one file may have two roles"
    assert digest(boxes=[one], start=[]) == digest(boxes=[one])


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
