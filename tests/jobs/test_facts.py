"""What computed, as facts that files say: of a checkout its commit, and nothing that tells who, where or when."""

import json
import platform
import shutil
import subprocess
from importlib import metadata
from pathlib import Path

import pytest

from lpg.jobs.facts import DIRTY, commit, device_facts, facts_of, libraries, package_facts
from lpg.jobs.machine import Machine

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")


def git(root: Path, *arguments: str) -> str:
    name = "-c", "user.name=a", "-c", "user.email=a@b"
    return subprocess.run(["git", "-C", root, *name, *arguments], check=True, capture_output=True, text=True).stdout


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A repository with a module and a configuration in its first commit."""
    for name in ("lpg/a.py", "config/one.yaml"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("1\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "one")
    return tmp_path


@needs_git
def test_the_commit_of_a_checkout_says_whether_its_code_is_as_committed(checkout):
    head = git(checkout, "rev-parse", "HEAD").strip()
    assert commit(checkout) == head and len(head) == 40
    (checkout / "config/one.yaml").write_text("2\n")
    assert commit(checkout) == head, "a configuration is no code"
    (checkout / "lpg/new.py").write_text("1\n")
    assert commit(checkout) == head + DIRTY


@needs_git
def test_an_installed_package_has_no_commit_wherever_it_lies(checkout):
    installed = checkout / "venv" / "site-packages"
    installed.mkdir(parents=True)
    assert commit(installed) == ""


def test_without_git_there_is_no_commit(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    assert commit(tmp_path) == "", "no repository after all"
    monkeypatch.setenv("PATH", "")
    assert commit(tmp_path) == ""


def test_the_libraries_are_those_that_are_installed():
    known = libraries()
    assert known["torch"] == metadata.version("torch") and known["python"] == platform.python_version()
    assert {"numpy", "h5py", "timm", "torchvision", "snakemake"} <= set(known)
    assert all(known.values())


MIXED = "bfloat16 where autocast takes it, else float32"


@pytest.mark.parametrize(
    ("machine", "precision"),
    [
        (Machine(), "float32"),
        (Machine(precision="bfloat16", applied="bfloat16"), MIXED),
        (
            Machine("cuda", precision="float16"),
            "float16 where autocast takes it, else float32, in training; float32 where networks are applied",
        ),
    ],
)
def test_a_machine_says_in_what_networks_are_trained_and_applied(machine, precision):
    facts = device_facts(machine, 1)
    assert facts["precision"] == precision and "applied" not in facts


def test_a_device_is_its_model_threads_and_precision():
    facts = device_facts(Machine(), 3)
    assert (facts["device"], facts["threads"], facts["precision"]) == ("cpu", 3, "float32")
    assert facts["cpu"]
    facts = device_facts(Machine("cuda", precision="float16"), 3)
    assert facts["precision"].startswith("float16") and {"gpu", "cuda"} <= set(facts)


def test_nothing_tells_who_or_where_or_when():
    said = json.dumps(facts_of(Machine(), 1))
    assert said == json.dumps(facts_of(Machine(), 1))
    host = [platform.node()] * (len(platform.node()) > 4)
    assert not [private for private in (str(Path.home()), str(Path(__file__).parents[2]), *host) if private in said]
    assert set(package_facts()) <= {"lpg_version", "commit"}
