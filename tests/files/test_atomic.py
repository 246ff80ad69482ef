"""Files and folders that are whole or not there: on full disks, on disks that are not written to, between processes."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch

from lpg.errors import InputError
from lpg.files.atomic import claimed, replace_atomically, replace_folder
from lpg.files.hdf5 import create_file
from lpg.files.ragged import Ragged, RaggedWriter


@pytest.fixture
def disk(disk) -> Path:
    """With a finished file on it."""
    (disk / "finished").write_text("old")
    return disk


def write_hdf5(path: Path) -> None:
    with create_file(path, ["background"]) as file:
        writer = RaggedWriter(file, "label_maps")
        for seed in range(40):
            writer.append(np.random.default_rng(seed).integers(0, 256, (256, 256), dtype=np.uint8))
        writer.close()


def write_tensors(path: Path) -> None:
    with replace_atomically(path) as partial:
        torch.save({"w": torch.rand(1 << 20)}, partial)


def write_text(path: Path) -> None:
    with replace_atomically(path) as partial:
        partial.write_text("x" * (2 << 20))


def write_in_folder(path: Path) -> None:
    with replace_folder(path) as partial:
        (partial / "page.html").write_text("x" * (2 << 20))


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="locks of opened files are Linux's")
WRITERS = [write_hdf5, write_tensors, write_text, write_in_folder]


@pytest.mark.parametrize("write", WRITERS)
def test_a_full_disk_is_one_sentence_and_nothing_that_is_finished_is_lost(disk, write):
    path = disk / ("finished" if write is not write_in_folder else "new")
    with pytest.raises(InputError, match=r"cannot be written: its disk is full .*; make room and give"):
        write(path)
    assert [one.name for one in disk.iterdir()] == ["finished"] and (disk / "finished").read_text() == "old"
    write(disk.parent / "elsewhere")


@pytest.mark.parametrize("write", WRITERS)
def test_a_disk_that_is_not_written_to_is_one_sentence(disk, write):
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(InputError, match=r"new cannot be written \(.*ead-only.*; give this user the right"):
        write(disk / "new")


def test_what_cannot_be_read_is_not_taken_for_what_cannot_be_written(tmp_path):
    denied = PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "photographs" / "a.jpg"))
    with pytest.raises(PermissionError), replace_atomically(tmp_path / "results" / "out.h5"):
        raise denied


def test_a_folder_takes_the_place_of_the_one_before_when_it_is_whole(tmp_path):
    path = tmp_path / "gallery"
    with replace_folder(path) as partial:
        (partial / "page_1.html").write_text("one")
        (partial / "page_2.html").write_text("two")
    with pytest.raises(ValueError, match="half"), replace_folder(path) as partial:
        (partial / "page_1.html").write_text("new")
        raise ValueError("half")
    assert sorted(page.name for page in path.iterdir()) == ["page_1.html", "page_2.html"]
    (tmp_path / "gallery.partial").mkdir()  # left by a kill
    with replace_folder(path) as partial:
        (partial / "page_1.html").write_text("new")
    assert [page.read_text() for page in path.iterdir()] == ["new"], "a page less than before"
    assert list(tmp_path.iterdir()) == [path]


WAITING = """
import sys, time
from lpg.files.hdf5 import create_file
with create_file(sys.argv[1], ["background"]) as file:
    print("writing", flush=True)
    time.sleep(60)
"""


@LINUX
@pytest.mark.parametrize("locking", ["FALSE", "TRUE"])
def test_of_two_processes_that_write_a_file_the_second_is_refused_until_the_first_is_gone(tmp_path, locking):
    path = tmp_path / "masks.h5"
    environment = os.environ | {"HDF5_USE_FILE_LOCKING": locking}
    with subprocess.Popen([sys.executable, "-c", WAITING, path], stdout=subprocess.PIPE, env=environment) as first:
        assert first.stdout.readline() == b"writing\n"
        with pytest.raises(InputError, match=r"another process is writing .*masks\.h5; let it finish, or end it"):
            write_hdf5(path)
        assert (tmp_path / "masks.h5.partial").exists(), "the first goes on"
        first.kill()
    write_hdf5(path)
    assert [one.name for one in tmp_path.iterdir()] == ["masks.h5"]


@LINUX
def test_who_waits_at_a_file_that_is_moved_away_meanwhile_does_not_write_to_it(tmp_path, monkeypatch):
    """Another opens the partial file before it is finished, and locks it after."""
    path, opened = tmp_path / "a.txt", os.open

    def open_late(name, *arguments):
        file = opened(name, *arguments)
        if not path.exists():
            os.replace(name, path)  # the other is done
            path.write_text("the other's")
        return file

    monkeypatch.setattr("lpg.files.atomic.os.open", open_late)
    with replace_atomically(path) as partial:
        assert partial.exists(), "its own, and locked"
        assert path.read_text() == "the other's"
        partial.write_text("mine")
    assert path.read_text() == "mine"


TRAINING = """
import os, sys, time
from lpg.files.atomic import claimed

with claimed(sys.argv[1]):
    if not os.fork():  # a worker that outlives a kill of its parent
        time.sleep(60)
    print("training", flush=True)
    time.sleep(60)
"""


@LINUX
def test_a_claimed_file_is_refused_to_others_until_the_claim_ends_or_its_process_is_killed(tmp_path):
    path = tmp_path / "segmenter.pt"
    with subprocess.Popen(
        [sys.executable, "-c", TRAINING, path], stdout=subprocess.PIPE, start_new_session=True
    ) as first:
        assert first.stdout.readline() == b"training\n"
        with (
            pytest.raises(InputError, match=r"another process is writing .*segmenter\.pt; let it finish"),
            claimed(path),
        ):
            pytest.fail("two claims")
        first.kill()
        first.wait()
        with claimed(path):
            write_text(path)
        os.killpg(first.pid, signal.SIGKILL)
    assert [one.name for one in tmp_path.iterdir()] == ["segmenter.pt"]


def test_a_claim_ends_with_what_failed_under_it(tmp_path):
    with pytest.raises(ZeroDivisionError), claimed(tmp_path / "segmenter.pt"):
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", [0.3, 0.6, 0.9])
def test_a_bit_that_flips_is_found_by_whoever_reads_it(tmp_path, place):
    path = tmp_path / "masks.h5"
    write_hdf5(path)
    with h5py.File(path) as file:
        values = file["label_maps/values"].id
        chunk = values.get_chunk_info(int(place * values.get_num_chunks()))
    content = bytearray(path.read_bytes())
    content[chunk.byte_offset + chunk.size // 2] ^= 4
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"masks\.h5 is damaged.* \(.*\); .*move it away and make it again"):
        list(map(Ragged(path, "label_maps").__getitem__, range(40)))
