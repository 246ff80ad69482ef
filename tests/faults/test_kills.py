"""Whatever is killed, the final files are those of a run that nothing happened to, bit for bit."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from conftest import ROOT, snakemake
from faults.killing import Killer
from faults.tiny import TARGETS, Undisturbed, differences, digests

SCRIPTS = {path.stem for path in (ROOT / "workflow/scripts").glob("*.py")}
NOT_RUN = {"fetch_coco", "fetch_voc", "fetch_weights", "choose_masks"}  # the network's, and semi-supervision's
RULES = frozenset(SCRIPTS - NOT_RUN)


def test_two_undisturbed_runs_are_the_same(undisturbed, tmp_path):
    config = shutil.copy(undisturbed.config, tmp_path)
    done = snakemake(tmp_path, *TARGETS, config=config)
    assert done.returncode == 0, done.stderr[-2000:]
    assert differences(digests(tmp_path), undisturbed.digests) == []


def test_killed_at_random_moments_and_started_again_the_final_files_are_the_same(
    request, undisturbed, chance, deadline, tmp_path
):
    config = Path(shutil.copy(undisturbed.config, tmp_path))
    killer = Killer(tmp_path, config, chance, request.config.getoption("kills", 0), deadline, RULES)
    rounds, again = 0, ()
    while killer.budget and (not rounds or time.monotonic() < deadline):
        killer.run(*again)
        rounds += 1
        assert differences(digests(tmp_path), undisturbed.digests) == []
        assert leftovers(tmp_path) == []
        print(f"round {rounds}: {killer.killed.total()} kills {dict(killer.how)}, all files the same")
        again = () if again else ("--forceall",)  # over what is finished, and in an empty folder, in turn
        if not again:
            shutil.rmtree(tmp_path / "results")
            shutil.rmtree(tmp_path / ".snakemake")
    print("kills by rule:", dict(sorted(killer.killed.items())))
    if killer.killed.total() >= 200:
        assert set(killer.killed) == RULES


def leftovers(folder: Path) -> list[str]:
    kinds = ("*.partial", "*.replaced", "*.state")
    return [str(path) for kind in kinds for path in (folder / "results").rglob(kind)]


def test_lpg_masks_goes_on_after_every_kill(undisturbed: Undisturbed, chance, tmp_path):
    source = undisturbed.folder / "results/demo/photographs"

    def call(folder: Path) -> subprocess.Popen:
        folder.mkdir(exist_ok=True)  # the files say what is asked for, and where its answer goes
        command = [sys.executable, "-m", "lpg.cli", "masks", "--images", source / "images", "--boxes",
                   source / "annotations.json", "--out", "masks", "--cores", "1", "--export", "coco", "voc", "png",
                   "--review"]  # fmt: skip
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        return subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, start_new_session=True)

    started = time.monotonic()
    whole = call(tmp_path / "whole")
    assert whole.wait() == 0, whole.stderr.read()
    lasts = time.monotonic() - started
    for _ in range(5):
        killed = call(tmp_path / "killed")
        time.sleep(chance.uniform(0, lasts))
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()
    again = call(tmp_path / "killed")
    assert again.wait() == 0, again.stderr.read()
    assert differences(contents(tmp_path / "killed"), contents(tmp_path / "whole")) == []


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
