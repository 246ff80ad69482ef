"""HDF5 files: whole or not there, self-describing, open to any number of readers."""

import fcntl
import json
import logging
import os
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from lpg.errors import InputError
from lpg.files.atomic import replace_atomically
from lpg.files.hdf5 import (
    class_table,
    create_file,
    open_file,
    read_strings,
    stands,
    write_ids,
    write_offsets,
    write_strings,
)
from lpg.files.ragged import Ragged, RaggedWriter
from lpg.jobs.provenance import content_digest, file_digest


def test_file_appears_when_it_is_whole(tmp_path):
    path = tmp_path / "new" / "table.h5"
    with create_file(path, ["background", "cat"]):
        assert not path.exists()
        assert [file.name for file in path.parent.iterdir()] == ["table.h5.partial"]
    assert [file.name for file in path.parent.iterdir()] == ["table.h5"]


def test_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "text"
    path.write_text("old")
    with pytest.raises(RuntimeError), replace_atomically(path) as partial:
        partial.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_file_describes_itself(tmp_path):
    with create_file(tmp_path / "a.h5", ["background", "cat"], {"rule": "r", "input_digests": {"b": "2", "a": "1"}}):
        pass
    with open_file(tmp_path / "a.h5") as file:
        assert class_table(file) == ("background", "cat")
        assert file.attrs["rule"] == "r"
        assert json.loads(file.attrs["input_digests"]) == {"a": "1", "b": "2"}


def test_strings_ids_and_spans_survive(tmp_path):
    names, ids = ["voc/2007_000033", "Füße/日本", ""], [2**53 + 1, "007", "a b", 7]
    with create_file(tmp_path / "a.h5", []) as file:
        write_strings(file, "images/name", names)
        write_strings(file, "none", [])
        write_ids(file, "images/id", ids)
        write_offsets(file, "boxes", [2, 0, 3])
    with open_file(tmp_path / "a.h5") as file:
        assert read_strings(file, "images/name") == names
        assert read_strings(file, "none") == []
        assert list(map(json.loads, read_strings(file, "images/id"))) == ids
        assert file["boxes/offset"][:].tolist() == [0, 2, 2, 5]


@pytest.fixture
def write(tmp_path) -> Callable[..., Path]:
    """Write a file with one array of every kind; returns its path."""

    def write(
        name: str = "a.h5", classes=("background", "cat"), numbers=(1, 2), text=("x", "y"), maps=((1, 2), (3, 4)),
        provenance: dict | None = None,
    ) -> Path:  # fmt: skip
        with create_file(tmp_path / name, classes, provenance) as file:
            file["images/size"] = np.array(numbers)
            write_strings(file, "images/name", text)
            writer = RaggedWriter(file, "maps")
            writer.append(np.array(maps, dtype=np.uint8))
            writer.close()
        return tmp_path / name

    return write


def test_the_content_digest_does_not_depend_on_what_made_the_file(write):
    first, second = write(provenance={"rule": "one"}), write("b.h5", provenance={"rule": "two", "code_digest": "3"})
    assert content_digest(first) == content_digest(second)
    assert file_digest(first) != file_digest(second)


@pytest.mark.parametrize(
    "change",
    [
        {"classes": ("background", "dog")},
        {"classes": ("background", "cat", "dog")},
        {"numbers": (1, 3)},
        {"numbers": (1.0, 2.0)},
        {"numbers": ((1,), (2,))},
        {"text": ("x", "z")},
        {"text": ("xy", "")},
        {"maps": ((1, 2), (3, 5))},
        {"maps": ((1, 2, 3, 4),)},
    ],
)
def test_the_content_digest_changes_with_the_class_table_and_with_every_array(write, change):
    assert content_digest(write()) != content_digest(write("b.h5", **change))


def test_a_file_is_read_without_a_lock(write, monkeypatch):
    monkeypatch.delenv("HDF5_USE_FILE_LOCKING", raising=False)
    path = write()
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(OSError, match="lock"):
            h5py.File(path, "r", locking=True)
        with open_file(path, "images/name") as file:
            assert read_strings(file, "images/name") == ["x", "y"]
        assert Ragged(path, "maps")[0].tolist() == [[1, 2], [3, 4]]
        assert len(content_digest(path)) == 24


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"boxes\.h5 does not exist; make it first"):
        open_file(tmp_path / "boxes.h5")


def test_file_that_is_not_hdf5_is_refused(tmp_path):
    (tmp_path / "boxes.h5").write_text("not HDF5")
    with pytest.raises(
        InputError, match=r"boxes\.h5 cannot be read as HDF5 \(.+\); restore it, or move it away and make it again"
    ):
        open_file(tmp_path / "boxes.h5")


def test_a_disk_without_locks_is_no_reason_to_touch_the_file(write, monkeypatch):
    def unlockable(*given, **options):
        raise OSError("unable to lock file, errno = 37, error message = 'No locks available'")

    path = write()
    monkeypatch.setattr("h5py.File", unlockable)
    monkeypatch.setattr("lpg.files.hdf5.ReadFile", unlockable)
    message = r"; its disk has no locks, and the file may be good: set HDF5_USE_FILE_LOCKING=FALSE in the environment"
    with pytest.raises(InputError, match=message):
        open_file(path)
    with pytest.raises(InputError, match=message):
        write("b.h5")


def test_a_file_that_this_user_may_not_read_is_not_to_be_restored(write, monkeypatch):
    def denied(*given, **options):
        raise PermissionError(13, "Unable to synchronously open file")

    path = write()
    monkeypatch.setattr("lpg.files.hdf5.ReadFile", denied)
    with pytest.raises(InputError, match=r"may not be read; give this user the right to read it$"):
        open_file(path)


def test_truncated_hdf5_is_refused(tmp_path):
    path = tmp_path / "boxes.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.random.default_rng(0).random(10_000)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(InputError, match=r"boxes\.h5 cannot be read as HDF5 \(.+\)"):
        open_file(path)


def test_file_of_another_step_is_refused(write):
    with pytest.raises(InputError, match=r"a\.h5 has no 'boxes/edges'; it was not made by the step that is expected"):
        open_file(write(), "images/name", "boxes/edges")


def test_a_file_of_the_same_ingredients_stands_if_the_photographs_do(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    path = tmp_path / "masks.h5"
    assert not stands(path, "i", lambda: True), "it is not there"
    with create_file(path, ("background",), {"ingredients_digest": "i"}):
        pass
    os.utime(path, (1, 1))
    for ingredients, unchanged in (("other", True), ("", True), ("i", False)):
        assert not stands(path, ingredients, lambda unchanged=unchanged: unchanged)
    assert path.stat().st_mtime == 1 and not caplog.messages
    assert stands(path, "i", lambda: True)
    assert path.stat().st_mtime > 1, "as new as what it was made of"
    assert caplog.messages == [
        f"{path} stays: settings, code, the contents of the inputs and the photographs are as before"
    ]
    path.write_bytes(b"no HDF5")
    assert not stands(path, "i", lambda: True) and "it is made again" in caplog.text
