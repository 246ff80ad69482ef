"""How many processes prepare batches where shared memory is small."""

from collections import namedtuple

import pytest
import torch

from lpg.jobs.machine import Machine
from lpg.training import workers
from lpg.training.workers import workers_for

BATCHES = [(torch.zeros(4, 3, 500, 500, dtype=torch.uint8), torch.zeros(4, 500, 500))]  # 3 MB and 4 MB
Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize(
    ("megabytes", "ranks", "expected"),
    [(64_000, 1, 7), (64, 1, 3), (64, 2, 1), (27, 1, 0), (28, 1, 1), (0, 1, 0)],
)
def test_no_more_work_ahead_than_shared_memory_holds(monkeypatch, tmp_path, caplog, megabytes, ranks, expected):
    monkeypatch.setattr(workers, "SHARED", tmp_path)
    monkeypatch.setattr(workers.shutil, "disk_usage", lambda path: Usage(0, 0, 1_000_000 * megabytes))
    machine = Machine("cuda", 7, ranks=ranks)
    assert workers_for(BATCHES, 0, machine) == expected
    assert ("has room for the batches of" in caplog.text) == (expected < 7)


def test_where_no_process_is_granted_no_batch_is_asked_for(monkeypatch, tmp_path):
    assert workers_for([], 0, Machine("cpu", 0)) == 0
    monkeypatch.setattr(workers, "SHARED", tmp_path / "none")  # no Linux
    assert workers_for([], 0, Machine("cuda", 3)) == 3
