"""A full disk, a disk that is not written to, two Snakemakes at once: a sentence each, and then it goes on."""

import os
import subprocess
import time
from pathlib import Path

import pytest
from conftest import ROOT, snakemake, snakemake_call
from faults.tiny import Undisturbed, differences, digests

from lpg.jobs.damage import first_damage

TARGET = "results/target/stage1/shapes-val/pseudo_masks.h5"


def remount(disk: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(disk)], check=True)


def test_a_disk_that_fills_up_is_one_sentence_and_with_more_room_it_goes_on(disk, undisturbed: Undisturbed):
    said = ""
    for size in (3, 8, 64):  # MiB; where the first two are too small, whatever is in the way then
        remount(disk, f"size={size}m")
        done = snakemake(disk, TARGET, config=undisturbed.config)
        said += done.stdout + done.stderr
        assert not [path for path in disk.rglob("*.h5") if not whole(path)]
    assert done.returncode == 0, said[-2000:]
    assert "cannot be written: its disk is full" in said and "make room and give the same command again" in said
    made = digests(disk)
    assert TARGET.removeprefix("results/") in made
    assert differences(made, {name: undisturbed.digests[name] for name in made}) == []


def whole(path: Path) -> bool:
    return first_damage([path]) is None


def test_of_two_snakemakes_in_one_folder_the_second_is_refused_and_unlocking_spoils_nothing(
    undisturbed: Undisturbed, tmp_path
):
    first = subprocess.Popen(
        snakemake_call(tmp_path, TARGET, config=undisturbed.config),
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while not (tmp_path / "logs").is_dir() and first.poll() is None:
        time.sleep(0.1)
    second = snakemake(tmp_path, TARGET, config=undisturbed.config)
    assert first.poll() is None, "the first is to be at work still"
    assert second.returncode != 0 and "Directory cannot be locked" in second.stdout + second.stderr
    snakemake(tmp_path, "--unlock", config=undisturbed.config)  # against all advice
    snakemake(tmp_path, TARGET, config=undisturbed.config)
    first.wait()
    last = snakemake(tmp_path, TARGET, config=undisturbed.config)  # one of the two may have been refused
    assert last.returncode == 0, last.stderr[-2000:]
    made = digests(tmp_path)
    assert differences(made, {name: undisturbed.digests[name] for name in made}) == []


def test_where_not_a_byte_is_free_it_says_so_and_nothing_else(disk):
    with (disk / "rest").open("wb", buffering=0) as rest, pytest.raises(OSError, match="No space left"):
        while True:
            rest.write(bytes(1 << 12))
    done = snakemake(disk, "results/demo/photographs/annotations.json")
    assert done.returncode != 0 and "Traceback" not in done.stdout + done.stderr
    assert f"The disk of {disk} is full; make room and give the same command again" in done.stderr
