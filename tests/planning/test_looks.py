"""What tells files from others that take their place."""

import os
from pathlib import Path

import pytest

from lpg.planning.looks import digest_if_readable, stat_digest


@pytest.fixture
def file(tmp_path) -> Path:
    (tmp_path / "a").write_text("1")
    return tmp_path / "a"


def test_another_time_or_size_or_name_looks_different(file, tmp_path):
    looks = [stat_digest([file])]
    os.utime(file, (1_000_000_000,) * 2)
    looks.append(stat_digest([file]))
    file.write_text("12")
    os.utime(file, (1_000_000_000,) * 2)
    looks.append(stat_digest([file]))
    looks += [stat_digest([file.rename(tmp_path / "b")]), stat_digest([])]
    assert len(set(looks)) == 5 and looks[-1] == ""


def test_a_file_reads_the_same_when_it_was_touched(file):
    before = digest_if_readable(file)
    os.utime(file, (1_000_000_000,) * 2)
    assert digest_if_readable(file) == before != ""
    file.write_text("2")
    assert digest_if_readable(file) != before


def test_nothing_is_read_of_what_is_not_there(tmp_path):
    assert digest_if_readable(tmp_path / "a") == ""
