"""A finished output is kept until its successor is whole, and is not taken for its successor."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT

KEEPING = ROOT / "workflow/rules/keeping.smk"
RULES = f"""
import os
import sys
from pathlib import Path

include: "{KEEPING}"

rule file:
    input: "in.txt"
    output: one="one.txt", two="two.txt"
    log: "file.log"
    params: os.environ["PARAM"]
    shell: 'sh -c "$ACT" file'

rule folder:
    input: "in.txt"
    output: directory("folder")
    shell: 'sh -c "$ACT" folder'
"""
MAKE = """
case $0 in
file) for name in one two; do cp in.txt partial.$name; mv partial.$name $name.txt; done ;;
folder) mkdir partial; cp in.txt partial; rm -rf folder; mv partial folder ;;
esac
"""
PROFILE = ["--rerun-triggers", "mtime", "params", "input", "--rerun-incomplete"]
ALL = "one.txt", "folder"


class Folder:
    """A folder with a workflow of two rules, whose jobs run the shell command that they are given."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def start(self, *targets: str, act: str = "false", param: str = "1") -> subprocess.Popen:
        call = [sys.executable, "-m", "snakemake", "--cores", "1", *PROFILE, *targets]
        return subprocess.Popen(
            call, cwd=self.path, env=os.environ | {"ACT": act, "PARAM": param}, start_new_session=True, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, *targets: str, **options) -> tuple[bool, str]:
        """Whether it ended well, and what it said."""
        call = self.start(*targets, **options)
        said = call.communicate()[0]
        return call.returncode == 0, said

    def stale(self, *targets: str, param: str = "1") -> list[str]:
        """The rules whose outputs the next plan wants to make again."""
        done, said = self.run("-n", *targets, param=param)
        assert done, said
        return re.findall(r"^(?:local)?rule (\w+):", said, re.MULTILINE)

    def content(self) -> dict[str, tuple[str, int]]:
        files = [self.path / name for name in ("one.txt", "two.txt", "folder/in.txt")]
        return {file.name: (file.read_text(), file.stat().st_mtime_ns) for file in files}


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("finished")
    (path / "Snakefile").write_text(RULES)
    (path / "in.txt").write_text("first\n")
    done, said = Folder(path).run(*ALL, act=MAKE)
    assert done, said
    assert Folder(path).stale(*ALL) == []
    return path


@pytest.fixture
def folder(finished, tmp_path) -> Folder:
    """A folder in which everything is made."""
    shutil.copytree(finished, tmp_path / "copy")
    return Folder(tmp_path / "copy")


@pytest.mark.slow
def test_after_a_refusal_the_old_file_is_there_and_known_to_be_stale(folder):
    before = folder.content()
    (folder.path / "in.txt").write_text("second\n")
    done, said = folder.run(*ALL, "--keep-going")
    assert not done and "Removing" not in said
    assert folder.content() == before
    assert sorted(folder.stale(*ALL)) == ["file", "folder"]
    assert folder.run(*ALL, act=MAKE)[0]
    assert [text for text, _ in folder.content().values()] == ["second\n"] * 3
    assert folder.stale(*ALL) == []


@pytest.mark.slow
def test_a_setting_that_was_refused_is_taken_back_and_nothing_is_made_again(folder):
    assert not folder.run("one.txt", param="2")[0]
    assert folder.stale("one.txt", param="2") == ["file"]
    assert folder.stale("one.txt", param="1") == []


@pytest.mark.slow
def test_a_job_that_fails_after_half_of_its_outputs_is_done_again(folder):
    assert not folder.run("one.txt", "--force", act="cp in.txt one.txt; false")[0]
    assert folder.stale("one.txt") == ["file"]


@pytest.mark.slow
def test_after_kill_9_the_old_file_is_there_and_known_to_be_stale(folder):
    before = folder.content()
    call = folder.start("one.txt", act="touch running; sleep 60", param="2")
    while not (folder.path / "running").exists() and call.poll() is None:
        time.sleep(0.05)
    os.killpg(call.pid, signal.SIGKILL)
    call.communicate()
    assert (folder.path / "running").exists() and folder.content() == before
    for lock in (folder.path / ".snakemake/locks").iterdir():  # what --unlock does
        lock.unlink()
    assert folder.stale("one.txt", param="2") == ["file"]
