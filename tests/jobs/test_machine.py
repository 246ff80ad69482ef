"""Which machine a job is given."""

from types import SimpleNamespace

import pytest
import torch

from lpg.errors import InputError
from lpg.jobs.machine import Machine, choose_machine
from lpg.jobs.words import worded


@pytest.mark.skipif(torch.cuda.is_available(), reason="torch can use the GPU here")
def test_a_gpu_that_torch_cannot_use_is_refused(monkeypatch):
    monkeypatch.setattr(torch, "set_num_threads", lambda threads: None)
    with pytest.raises(InputError, match=r"has a GPU, but torch .* cannot use it; ") as refused:
        choose_machine(1, 2)
    script = SimpleNamespace(wildcards={"run": "voc"}, params={})
    assert worded(refused.value, script).endswith(", or add --resources gpu=0 to work on the CPU")


def test_without_a_gpu_the_network_has_all_threads(monkeypatch):
    threads = []
    monkeypatch.setattr(torch, "set_num_threads", threads.append)
    assert choose_machine(0, 3) == Machine("cpu", workers=0)
    assert threads == [3]
