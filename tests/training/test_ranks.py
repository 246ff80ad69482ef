"""A batch that is cut, over processes or over time, trains as in one piece."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from conftest import ROOT
from training import shared_tasks
from training.shared_tasks import (
    BATCH,
    HALF,
    TASKS,
    Result,
    begun,
    run,
    run_all,
    run_all_and_be_killed,
    say_whether_tf32,
    segmenter,
)

from lpg.errors import InputError
from lpg.jobs.job import Job
from lpg.jobs.machine import Machine
from lpg.segmenter.losses import SegmenterTask
from lpg.training import launch as launching
from lpg.training.launch import launch
from lpg.training.watch import PartsTooLarge

SMALL = Machine()  # one process, the batch at once


def assert_alike(found: Result, expected: Result) -> None:
    """Up to rounding."""
    assert found.losses == pytest.approx(expected.losses, rel=1e-5)
    assert found.weights.keys() == expected.weights.keys()
    for name, weights in expected.weights.items():
        assert torch.allclose(found.weights[name], weights, rtol=1e-4, atol=1e-5), name


@pytest.fixture(scope="module")
def alone(tmp_path_factory) -> dict[str, Result]:
    """Every task in one process."""
    return {name: run(tmp_path_factory.mktemp("alone"), name, SMALL) for name in TASKS}


@pytest.fixture(scope="module")
def two(tmp_path_factory) -> Path:
    """Every task in two processes, of which one is killed at last; the generator goes on from the state of one."""
    folder = tmp_path_factory.mktemp("two")
    begun(folder, "generator", 2, SMALL)
    with pytest.raises(InputError, match=r"^process 2 of 2 of this training was killed \(SIGKILL\).*; start it again"):
        launch(run_all_and_be_killed, folder, batch=BATCH, job=Job(folder / "all.pt", machine=Machine(ranks=2)))
    return folder


@pytest.mark.parametrize("name", TASKS)
def test_two_processes_train_as_one_batch_norm_and_dropout_included(name, alone, two):
    assert_alike(Result.read(two, name), alone[name])


def test_single_precision_is_asked_of_every_process(tmp_path, monkeypatch):
    monkeypatch.setenv("LPG_PRECISION", "float32")
    launch(say_whether_tf32, tmp_path, batch=BATCH, job=Job(tmp_path / "none.pt", machine=Machine(ranks=2)))
    assert [(tmp_path / f"{rank}.tf32").read_text() for rank in (0, 1)] == ["False", "False"]


def test_two_processes_train_as_one_in_bfloat16(alone, two, tmp_path):
    whole, cut = run(tmp_path, "segmenter", Machine(precision="bfloat16")), Result.read(two / HALF, "segmenter")
    assert whole.losses != alone["segmenter"].losses
    assert cut.losses == pytest.approx(whole.losses, rel=1e-2)
    for name, weights in whole.weights.items():
        assert torch.allclose(cut.weights[name], weights, rtol=2e-2, atol=2e-2), name


def test_one_process_goes_on_where_two_were_killed(alone, two):
    seen = []
    resumed = run(two / "killed", "segmenter", SMALL, at=0, action=lambda: seen.append("started anew"))
    assert not seen
    assert_alike(resumed, alone["segmenter"])


def test_torchrun_may_start_the_processes(alone, tmp_path):
    start = "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "3"
    paths = ROOT, ROOT / "tests"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths)), "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, *start, shared_tasks.__file__, str(tmp_path)], env=environment, check=True)
    for name in TASKS:
        assert_alike(Result.read(tmp_path, name), alone[name])


@pytest.mark.parametrize("parts", [2, 3, BATCH])
@pytest.mark.parametrize("name", TASKS)
def test_a_batch_in_parts_trains_as_at_once_where_no_norm_is_of_a_batch(name, parts, tmp_path):
    whole = run(tmp_path / "whole", name, SMALL, norm=False)
    assert_alike(run(tmp_path / "parts", name, Machine(parts=parts), norm=False), whole)


class Narrow(SegmenterTask):
    """Has not memory enough for more than `room` samples."""

    def __init__(self, room: int, norm: bool) -> None:
        super().__init__(segmenter(norm).network)
        self.room = room

    def terms(self, images, labels):
        terms = super().terms(images, labels)
        if len(images) > self.room:
            raise torch.OutOfMemoryError
        return terms


def test_where_memory_is_too_small_the_step_is_taken_again_in_parts(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    cut = run(tmp_path / "cut", "segmenter", SMALL, task=Narrow(4, norm=False))
    assert [text for text in caplog.messages if "memory" in text] == [
        "the GPU's memory is too small for a batch at once: it is taken in 2 parts"
    ]
    planned = run(tmp_path / "planned", "segmenter", Machine(parts=2), norm=False)
    assert cut.losses == planned.losses
    assert all(torch.equal(cut.weights[name], weights) for name, weights in planned.weights.items())


@pytest.mark.parametrize(("norm", "room", "least"), [(True, 3, "2 samples"), (False, 1, "one sample")])
def test_where_memory_is_too_small_for_the_least_part_one_sentence_says_so(norm, room, least, tmp_path):
    run(tmp_path / "fits", "segmenter", SMALL, task=Narrow(room, norm))
    with pytest.raises(InputError, match=rf"too small for {least} of this training; lower crop"):
        run(tmp_path / "full", "segmenter", SMALL, task=Narrow(room - 1, norm))


def test_where_one_process_lacks_memory_all_start_again_in_parts(tmp_path, monkeypatch):
    started = []

    def lacking(function, arguments, count):
        started.append((count, arguments[2].machine))
        if len(started) < 3:
            raise PartsTooLarge

    monkeypatch.setattr(launching, "run_processes", lacking)
    launch(run_all, tmp_path, batch=BATCH, job=Job(tmp_path / "all.pt", machine=Machine(ranks=2)))
    assert started == [(2, Machine(ranks=2, parts=parts)) for parts in (1, 2, 3)]


def test_what_is_cut_as_far_as_it_can_be_is_refused_and_not_tried_for_ever(tmp_path, monkeypatch):
    started = []

    def lacking(function, arguments, count):
        started.append(arguments[2].machine.parts)
        raise PartsTooLarge

    monkeypatch.setattr(launching, "run_processes", lacking)
    with pytest.raises(InputError, match="memory is too small for its samples of a batch; lower batch or crop"):
        launch(run_all, tmp_path, batch=6, job=Job(tmp_path / "all.pt", machine=Machine(ranks=2)))
    assert started == [1, 2, 3]


def test_there_are_no_more_processes_than_samples(tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr(launching, "run_processes", lambda function, arguments, count: started.append(count))
    launch(run_all, tmp_path, batch=3, job=Job(tmp_path / "all.pt", machine=Machine(ranks=8)))
    assert started == [3]
    seen = []
    launch(lambda job: seen.append(job.machine), batch=1, job=Job(tmp_path / "all.pt", machine=Machine(ranks=2)))
    assert seen == [SMALL]
