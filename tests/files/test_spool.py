"""What waits on disk comes back as it was, and leaves nothing behind."""

import contextlib
import errno
import os
from pathlib import Path

import pytest
from conftest import photograph_of

from lpg.errors import InputError
from lpg.evaluation.review.page import Columns
from lpg.files.spool import spooled


def test_objects_come_back_in_order_as_often_as_one_likes(tmp_path):
    taken = iter([photograph_of(4, 5, [[0, 0, 2, 3]], [1]), None, InputError("a", "b", permission="c"), "d" * 10**5])
    with spooled(taken, tmp_path / "new") as spool:
        assert len(spool) == 4 and os.listdir(tmp_path / "new") == []
        for _ in range(2):
            photograph, nothing, error, text = spool
            assert photograph.boxes.tolist() == [[0, 0, 2, 3]] and nothing is None
            assert (error.fault, error.remedy, error.permission) == ("a", "b", "c")
            assert text == spool[3] == "d" * 10**5
        with pytest.raises(IndexError):
            spool[4]


def test_a_full_disk_is_one_sentence_and_what_the_objects_raise_is_theirs(disk):
    with (
        pytest.raises(InputError, match=r"disk cannot be written: its disk is full"),
        spooled(iter(["a" * 2**21]), disk),
    ):
        pass

    def broken():
        yield 1
        raise InputError("the second is broken")

    def denied():
        yield 1
        raise PermissionError(errno.EACCES, "Permission denied", str(disk / "a.jpg"))

    with pytest.raises(InputError, match="the second is broken"), spooled(broken(), disk):
        pass
    with pytest.raises(PermissionError, match=r"a\.jpg"), spooled(denied(), disk):
        pass
    with spooled(["a" * 2**19], disk) as spool:
        assert len(spool[0]) == 2**19


def test_a_disk_that_is_full_to_the_last_byte_is_one_sentence_for_small_objects_too(disk):
    fill(disk)
    with pytest.raises(InputError, match="its disk is full"), spooled(["a" * 5000], disk):
        pass


def test_facts_of_the_review_page_that_find_no_room_are_one_sentence(disk):
    fill(disk)
    with pytest.raises(InputError, match="its disk is full"), Columns(disk) as columns:
        columns.add({"image": "a", "object": 1, "class": "cat"})
        columns.key("title")


def fill(disk: Path) -> None:
    with contextlib.suppress(OSError), open(disk / "full", "wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
