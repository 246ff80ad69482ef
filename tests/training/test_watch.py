"""Processes that work together end together."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT
from training.watched import be_killed, fail, lack, refuse, say

from lpg.errors import InputError
from lpg.training.watch import PartsTooLarge, run_processes


@pytest.fixture(autouse=True)
def short_grace(monkeypatch):
    monkeypatch.setattr("lpg.training.watch.GRACE", 0.5)


def test_the_log_is_what_the_first_process_says(caplog):
    caplog.set_level(logging.INFO)
    run_processes(say, (), 2)
    assert [(record.name, record.message) for record in caplog.records] == [("lpg.training", "process 0 of two, a")]


@pytest.mark.parametrize(
    ("function", "error", "sentence"),
    [
        (refuse, InputError, r"^a\.jpg cannot be read; replace it$"),
        (
            be_killed,
            InputError,
            r"^process 2 of 2 .* was killed \(SIGKILL\), and the others were stopped; start it again",
        ),
        (fail, RuntimeError, r"^in process 1:\nTraceback[\s\S]*KeyError: 'nothing'"),
        (lack, PartsTooLarge, "^$"),
    ],
)
def test_one_that_ends_badly_ends_all_and_its_words_are_those_that_are_heard(function: Callable, error, sentence):
    started = time.monotonic()
    with pytest.raises(error, match=sentence):
        run_processes(function, (), 2)
    assert time.monotonic() - started < 30


@pytest.mark.parametrize(("number", "tell"), [(signal.SIGINT, os.kill), (signal.SIGTERM, os.killpg)])
def test_where_all_are_to_end_the_first_may_save_its_state(tmp_path, number, tell):
    code = (
        "import signal, sys; from pathlib import Path; from lpg.training.watch import run_processes;"
        "from training.watched import save_when_told; signal.signal(int(sys.argv[2]), signal.default_int_handler);"
        "run_processes(save_when_told, (Path(sys.argv[1]),), 2)"
    )
    paths = ROOT, ROOT / "tests"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))}
    command = [sys.executable, "-c", code, str(tmp_path), str(int(number))]
    parent = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, start_new_session=True)
    wait_until(lambda: len(list(tmp_path.glob("at_work_*"))) == 2)
    tell(parent.pid, number)  # a scheduler tells the whole group
    assert b"KeyboardInterrupt" in parent.communicate(timeout=30)[1]
    assert (tmp_path / "saved_0").exists()


def test_none_outlives_the_one_that_started_them(tmp_path):
    code = (
        "import sys; from pathlib import Path; from lpg.training.watch import run_processes;"
        "from training.watched import wait_for_ever; run_processes(wait_for_ever, (Path(sys.argv[1]),), 2)"
    )
    paths = ROOT, ROOT / "tests"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))}
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], env=environment)
    wait_until(lambda: len(list(tmp_path.iterdir())) == 2)
    parent.kill()
    parent.wait()
    ids = [int(path.stem) for path in tmp_path.iterdir()]
    wait_until(lambda: not any(is_running(process) for process in ids))


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.1)


def is_running(process: int) -> bool:
    """Whether it is there, and not only its exit status, which nobody may fetch."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
