"""Arrays of different shapes in one dataset, read in this process and in others."""

import multiprocessing
import pickle
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from lpg.files.hdf5 import create_file
from lpg.files.ragged import Entries, Names, Ragged, RaggedWriter

ARRAYS = [np.array([[1, 2, 3], [4, 5, 6]]), np.zeros((0, 4)), np.array([[7], [8]]), np.full((300, 400), 9)]


def write_ragged(path: Path, arrays: list[np.ndarray]) -> None:
    with create_file(path, ["background"]) as file:
        writer = RaggedWriter(file, "maps")
        for array in arrays:
            writer.append(array.astype(np.uint8))
        writer.close()


@pytest.fixture
def ragged(tmp_path) -> Ragged:
    write_ragged(tmp_path / "maps.h5", ARRAYS)
    return Ragged(tmp_path / "maps.h5", "maps")


def test_ragged_gives_back_every_array(ragged):
    assert len(ragged) == 4
    for array, expected in zip(ragged, ARRAYS, strict=True):
        np.testing.assert_array_equal(array, expected)
    np.testing.assert_array_equal(ragged[2], [[7], [8]])


def test_ragged_holds_three_dimensions(tmp_path):
    array = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    with create_file(tmp_path / "a.h5", []) as file:
        writer = RaggedWriter(file, "x", dtype="float32", dimensions=3)
        writer.append(array[:0])
        writer.append(array)
        writer.close()
    ragged = Ragged(tmp_path / "a.h5", "x")
    assert ragged[0].shape == (0, 3, 4)
    np.testing.assert_array_equal(ragged[1], array)


def test_ragged_writer_refuses_another_dimension(tmp_path):
    refused = pytest.raises(ValueError, match=r"/maps holds 2-dimensional arrays, not \(3,\)")
    with refused, create_file(tmp_path / "a.h5", []) as file:
        RaggedWriter(file, "maps").append(np.zeros(3, dtype=np.uint8))
    assert list(tmp_path.iterdir()) == []


def test_open_ragged_is_pickled_without_its_file(ragged):
    expected = ragged[0]
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(ragged))[0], expected)


def test_forked_process_opens_the_file_anew(ragged):
    assert ragged[0].tolist() == [[1, 2, 3], [4, 5, 6]]
    write_ragged(ragged.path, [array + 10 for array in ARRAYS])
    context = multiprocessing.get_context("fork")
    receive, send = context.Pipe(duplex=False)
    child = context.Process(target=lambda: send.send(ragged[0].tolist()))
    child.start()
    assert receive.poll(60)
    assert receive.recv() == [[11, 12, 13], [14, 15, 16]]
    child.join()


def test_names_are_found_by_position_and_by_text():
    names = Names(["d/é", "d/b", "", "d/é"])
    assert (len(names), list(names), names[1]) == (4, ["d/é", "d/b", "", "d/é"], "d/b")
    assert (names.last("d/é"), names.last("d/b"), names.last(""), names.last("d")) == (3, 1, 2, None)
    assert names.unique() == ["d/é", "d/b", ""]
    assert not len(Names([])) and "a" not in Names([])


def test_names_that_share_a_key_are_told_apart():
    assert crc32(b"plumless") == crc32(b"buckeroo")
    names = Names(["plumless", "buckeroo"])
    assert (names.last("plumless"), names.last("buckeroo")) == (0, 1)
    assert "plumless" not in Names(["buckeroo"])
    assert names.repeated() == []
    assert sorted(Names(["buckeroo", "b", "a", *names, "a", *names]).repeated()) == ["a", "buckeroo", "plumless"]


def test_an_entry_is_of_the_last_file_that_has_the_photograph():
    entries = Entries([["a", "b"], [], ["c", "a"]])
    assert [entries[name] for name in "abc"] == [(2, 1), (0, 1), (2, 0)]
    assert entries.names.unique() == ["a", "b", "c"] and "d" not in entries
    with pytest.raises(KeyError):
        entries["d"]
