"""What tells files from others that take their place."""

import os
from pathlib import Path

import pytest

from lpg.planning.looks import look, reading


@pytest.fixture
def file(tmp_path) -> Path:
    (tmp_path / "a").write_text("1")
    return tmp_path / "a"


def test_another_time_or_size_or_name_looks_different(file, tmp_path):
    looks = [look([file])]
    os.utime(file, (1_000_000_000,) * 2)
    looks.append(look([file]))
    file.write_text("12")
    os.utime(file, (1_000_000_000,) * 2)
    looks.append(look([file]))
    looks += [look([file.rename(tmp_path / "b")]), look([])]
    assert len(set(looks)) == 5 and looks[-1] == ""


def test_a_file_reads_the_same_when_it_was_touched(file):
    before = reading(file)
    os.utime(file, (1_000_000_000,) * 2)
    assert reading(file) == before != ""
    file.write_text("2")
    assert reading(file) != before


def test_nothing_is_read_of_what_is_not_there(tmp_path):
    assert reading(tmp_path / "a") == ""
