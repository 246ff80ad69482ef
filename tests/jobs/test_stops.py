"""A job that is stopped by a signal, in a process of its own."""

import subprocess
import sys
from pathlib import Path
from signal import SIGINT, SIGTERM, Signals

import pytest

from lpg.jobs.failures import last_words
from lpg.jobs.stops import INTERRUPTED, TOLD

JOB = """
import signal, sys, time
from types import SimpleNamespace
from lpg.files.atomic import replace_atomically
from lpg.jobs.job import job

signal.signal(signal.SIGINT, signal.default_int_handler)  # where the tests run in the background, it is ignored
script = SimpleNamespace(
    rule="extract_boxes", output=["out.h5"], log=["out.log"], wildcards={}, params={}, input={},
    resources=SimpleNamespace(get=lambda key: None), threads=1,
)
with job(script), replace_atomically("out.h5") as partial:
    partial.touch()
    print("at work", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def at_work(tmp_path):
    """A job that has half of its file."""
    process = subprocess.Popen(
        [sys.executable, "-c", JOB], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "at work\n"
    assert Path(tmp_path, "out.h5.partial").exists()
    yield process
    process.kill()


@pytest.mark.parametrize(("number", "sentence"), [(SIGINT, INTERRUPTED), (SIGTERM, TOLD)])
def test_a_stopped_job_says_so_in_one_line_and_leaves_no_half_of_a_file(
    tmp_path, at_work, number: Signals, sentence: str
):
    at_work.send_signal(number)
    _, screen = at_work.communicate(timeout=30)
    assert at_work.returncode != 0
    (line,) = screen.splitlines()
    assert line.endswith(f"extract_boxes out.h5  {sentence}")
    assert Path(tmp_path, "out.log").read_text() == screen
    assert [path.name for path in tmp_path.iterdir()] == ["out.log"]
    engine = tmp_path / "engine.log"
    engine.write_text(f"Error in rule extract_boxes:\n    log: {tmp_path / 'out.log'} (check log file(s))\n")
    assert last_words([engine]) == [line]


def test_another_error_keeps_its_traceback(tmp_path):
    broken = JOB.replace("time.sleep(60)", "partial.no_such_thing")
    ended = subprocess.run([sys.executable, "-c", broken], cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("AttributeError: ")
