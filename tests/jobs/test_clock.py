"""Inputs from the future."""

import os
import time

import pytest

from lpg.errors import InputError
from lpg.jobs.clock import await_clock


def test_inputs_of_the_past_are_taken_as_they_are(tmp_path):
    (tmp_path / "a").touch()
    await_clock([tmp_path / "a", tmp_path / "none"])


def test_a_clock_that_was_set_back_is_one_sentence_before_any_work(tmp_path):
    path = tmp_path / "boxes.h5"
    path.touch()
    os.utime(path, (time.time() + 3600,) * 2)
    with pytest.raises(InputError, match=r"boxes\.h5 is of 2\d{3}-.*, and this machine's clock .*touch .*h5$"):
        await_clock([path])


def test_where_clocks_differ_by_little_the_job_waits(tmp_path):
    path = tmp_path / "boxes.h5"
    path.touch()
    os.utime(path, (time.time() + 0.3,) * 2)
    await_clock([path])
    assert time.time() >= path.stat().st_mtime
