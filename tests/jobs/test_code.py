"""Digests of code, settings and inputs."""

import importlib.util
import json
import tomllib
from itertools import count
from pathlib import Path

import pytest

from lpg import provenance
from lpg.jobs.provenance import code_digest, describe, file_digest, settings_digest, training_digest

ROOT = Path(provenance.__file__).parents[1]
SCRIPT = "from lpg.a import f\n\nf(1)\n"
PACKAGE = {
    "script.py": SCRIPT,
    "lpg/__init__.py": "",
    "lpg/a.py": '"""What a is."""\nfrom lpg import b\n\n\ndef f(x):\n    """What f does."""\n    return b.g(x)\n',
    "lpg/b.py": "def g(x):\n    from lpg.deep.c import STEP\n\n    return x + STEP\n",
    "lpg/deep/__init__.py": "",
    "lpg/deep/c.py": "STEP = 1\n",
    "lpg/unused.py": "STEP = 1\n",
}


@pytest.fixture
def digest(tmp_path):
    """The code digest of a script over a small package of its own, which the arguments change."""
    numbers = count()

    def of(changed: dict[str, str] | None = None) -> str:
        root = tmp_path / str(next(numbers))
        own = {"lpg/provenance.py": Path(provenance.__file__).read_text()}
        for name, text in {**PACKAGE, **own, **(changed or {})}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        spec = importlib.util.spec_from_file_location("lpg_copy", root / "lpg" / "provenance.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.code_digest(root / "script.py")

    return of


def test_code_digest_ignores_docstrings_comments_and_layout(digest):
    reworded = '"""Other words."""\nfrom lpg import b\ndef f(x):  # why\n    """Other."""\n    return (b.g(x))\n'
    assert digest({"script.py": '"""New."""\n' + SCRIPT + "# done\n", "lpg/a.py": reworded}) == digest()


@pytest.mark.parametrize(
    "name, text",
    [
        ("script.py", SCRIPT.replace("f(1)", "f(2)")),
        ("lpg/a.py", PACKAGE["lpg/a.py"].replace("g(x)", "g(-x)")),
        ("lpg/b.py", PACKAGE["lpg/b.py"].replace("+", "-")),
        ("lpg/deep/c.py", "STEP = 2\n"),
        ("lpg/__init__.py", "STEP = 2\n"),
    ],
)
def test_code_digest_sees_every_module_it_reaches(digest, name, text):
    assert digest({name: text}) != digest()


def test_code_digest_ignores_modules_it_does_not_reach(digest):
    assert digest({"lpg/unused.py": "STEP = 2\n"}) == digest()


def test_code_digest_keeps_strings_that_are_no_docstrings(digest):
    assert digest({"script.py": "x = 1\n'a'\n"}) != digest({"script.py": "x = 1\n'b'\n"})


def test_every_script_has_a_digest_of_its_own():
    scripts = sorted((ROOT / "workflow" / "scripts").glob("*.py"))
    assert len({code_digest(script) for script in scripts}) == len(scripts) > 0


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
    assert (description["rule"], description["code_digest"]) == ("train", "c")
    assert description["input_digests"] == {
        str(tmp_path / name): file_digest(tmp_path / name) for name in ("one", "two")
    }


def test_file_digest_is_of_the_bytes(tmp_path, described):
    assert file_digest(tmp_path / "one") == file_digest(tmp_path / "one_again") != file_digest(tmp_path / "two")


def test_training_digest_forgets_where_inputs_lie(described):
    assert training_digest(described("one", "two")) == training_digest(described("two", "one_again"))


@pytest.mark.parametrize("changed", [{"settings": {"a": 2}}, {"code": "d"}])
def test_training_digest_sees_settings_and_code(described, changed):
    assert training_digest(described("one", **changed)) != training_digest(described("one"))


def test_training_digest_sees_inputs(described):
    assert training_digest(described("one")) != training_digest(described("two"))
    assert training_digest(described("one")) != training_digest(described("one", "two"))


def test_version_is_that_of_the_package(described):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert described()["lpg_version"] == project["version"]
