"""Files that are damaged are found when a job has failed."""

import h5py
import numpy as np
import pytest
import torch

from lpg.jobs.damage import first_damage


@pytest.fixture
def files(tmp_path) -> dict:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["flat/values"] = np.arange(10_000)
        file["number"] = 1
        file.create_dataset("empty", shape=(0,), dtype="u1")
        file.create_dataset("summed", data=np.arange(10_000), chunks=(100,), fletcher32=True)
    torch.save({"w": torch.ones(1000)}, tmp_path / "b.pt")
    (tmp_path / "c.json").write_text("[1]\n")
    (tmp_path / "d.txt").write_text("any\n")
    (tmp_path / "folder").mkdir()
    return {path.name: path for path in tmp_path.iterdir()}


def test_whole_files_are_not_damaged(files):
    assert first_damage(files.values()) is None


@pytest.mark.parametrize("name", ["a.h5", "b.pt", "c.json", "d.txt"])
def test_an_empty_file_is_damaged(files, name):
    files[name].write_bytes(b"")
    assert first_damage(files.values()) == f"{files[name]} is damaged (it is empty)"


@pytest.mark.parametrize("name", ["a.h5", "c.json"])
def test_a_file_that_is_cut_short_is_damaged(files, name):
    files[name].write_bytes(files[name].read_bytes()[:-2])
    assert first_damage(files.values()).startswith(f"{files[name]} is damaged (")


@pytest.mark.parametrize(("name", "place"), [("a.h5", -5000), ("b.pt", 2000)])
def test_a_bit_that_flipped_is_found_where_there_are_checksums(files, name, place):
    content = bytearray(files[name].read_bytes())
    content[place] ^= 1
    files[name].write_bytes(content)
    assert first_damage(files.values()).startswith(f"{files[name]} is damaged (")


def test_a_file_that_is_gone_is_damaged(files):
    files["a.h5"].unlink()
    assert "a.h5 is damaged ([Errno 2] No such file" in first_damage(files.values())
