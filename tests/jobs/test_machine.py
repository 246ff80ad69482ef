"""Which machine a job is given."""

import argparse
import os
import tempfile
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from lpg.commands.devices import chosen_machine
from lpg.errors import InputError
from lpg.jobs import machine
from lpg.jobs.facts import device_facts
from lpg.jobs.machine import CPU_UNITS, Machine, check_device, choose_machine, has_bfloat16
from lpg.jobs.words import worded
from lpg.networks.inference import ready


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
    for has, precision in ((True, "bfloat16"), (False, "float32")):
        monkeypatch.setattr("lpg.jobs.machine.has_bfloat16", lambda device, has=has: has)
        assert choose_machine(0, 3) == Machine("cpu", workers=0, precision=precision, applied=precision)
    assert threads == [3, 3]


@pytest.mark.parametrize(
    ("device", "sentence"),
    [
        ("mps", "^the device 'mps' is not known; give cpu or cuda, whose GPU CUDA_VISIBLE_DEVICES chooses$"),
        ("cuda", r"finds no GPU that it can use; give the dev"),
    ],
)
def test_a_device_that_is_not_there_is_refused(monkeypatch, device, sentence):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    check_device("cpu")
    with pytest.raises(InputError, match=sentence):
        check_device(device)


def test_a_cpu_computes_in_bfloat16_only_if_it_has_units_for_it(monkeypatch):
    # It says so of any AVX-512, emulated too.
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: True, raising=False)
    for unit in CPU_UNITS:
        for other in CPU_UNITS:
            monkeypatch.setattr(torch.cpu, other, lambda has=other == unit: has, raising=False)
        assert has_bfloat16("cpu"), unit
        monkeypatch.setattr(torch.cpu, unit, lambda: False)
        assert not has_bfloat16("cpu")


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_single_precision_can_be_asked_for(two_gpus, monkeypatch, device):
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: True, raising=False)
    monkeypatch.setattr(torch.cpu, CPU_UNITS[0], lambda: True, raising=False)
    asked = choose_machine(int(device == "cuda"), 1)
    assert (asked.precision, has_bfloat16(device)) == ("bfloat16", True)
    monkeypatch.setenv("LPG_PRECISION", "float32")
    asked = choose_machine(int(device == "cuda"), 1)
    assert (asked.precision, has_bfloat16(device)) == ("float32", False)
    assert device_facts(asked, 1)["precision"] == "float32"
    monkeypatch.setenv("LPG_PRECISION", "fp32")
    with pytest.raises(InputError, match="LPG_PRECISION is 'fp32'; set LPG_PRECISION=float32 for single precision"):
        choose_machine(int(device == "cuda"), 1)


@pytest.mark.parametrize("begin", [lambda: choose_machine(1, 1), lambda: ready(nn.Conv2d(1, 1, 1), "cpu")])
def test_single_precision_on_a_gpu_is_no_tf32(two_gpus, monkeypatch, begin):
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    begin()
    assert torch.backends.cudnn.allow_tf32, "torch's default, where nothing is asked for"
    monkeypatch.setenv("LPG_PRECISION", "float32")
    begin()
    assert not torch.backends.cudnn.allow_tf32
    assert not torch.backends.cuda.matmul.allow_tf32


@pytest.fixture
def two_gpus(monkeypatch, tmp_path) -> None:
    """What torch says of a machine with two new GPUs."""
    facts = {
        "is_available": True, "device_count": 2, "get_device_name": "Card", "is_bf16_supported": True,
        "get_arch_list": ["sm_75", "sm_90a", "sm_120", "compute_120"], "get_device_capability": (9, 0),
    }  # fmt: skip
    for name, fact in facts.items():
        monkeypatch.setattr(torch.cuda, name, lambda fact=fact, **_: fact)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(torch, "set_num_threads", lambda threads: None)


def test_every_gpu_has_a_process_and_its_part_of_the_threads(two_gpus, monkeypatch):
    assert choose_machine(1, 4) == Machine("cuda", 3, "bfloat16", "bfloat16")
    assert choose_machine(2, 8) == Machine("cuda", 3, "bfloat16", "bfloat16", ranks=2)
    assert choose_machine(2, 1).workers == 0
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: False)
    assert choose_machine(1, 1) == Machine("cuda", 0, "float16", "float32")


def test_jobs_beside_each_other_take_the_gpus_in_turn(two_gpus, monkeypatch, caplog):
    caplog.set_level("INFO")
    seen = []
    for _ in range(3):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")  # each is a process of its own
        choose_machine(1, 4)
        seen.append(os.environ["CUDA_VISIBLE_DEVICES"])
    assert seen == ["0", "1", "0"]
    assert "on Card (1 of 2)" in caplog.text
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    choose_machine(2, 4)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "0,1", "all that there are"


def test_a_job_takes_the_gpu_that_the_fewest_have_whoever_came_first(two_gpus, monkeypatch):
    """Of three jobs the one that shares a GPU is left: the other GPU is the one for the next."""
    monkeypatch.setattr(machine, "_taken", [])
    for _ in range(3):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
        choose_machine(1, 4)
    first, second, _third = machine._taken
    first.close()
    second.close()
    for expected in ("1", "0"):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
        choose_machine(1, 4)
        assert os.environ["CUDA_VISIBLE_DEVICES"] == expected


def test_cuda_is_asked_for_nothing_before_a_gpu_is_taken(two_gpus, monkeypatch):
    """CUDA reads the variable once: what is taken later has no effect, and the job runs on the first."""
    arguments, seen = argparse.Namespace(device="cuda", cores=4), []

    def asked(**_) -> bool:
        seen.append(os.environ["CUDA_VISIBLE_DEVICES"])
        return True

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", asked)
    assert chosen_machine(arguments).device == "cuda"
    assert set(seen) == {"0"}


def test_a_gpu_that_torch_is_not_built_for_is_refused_before_its_first_kernel(two_gpus, monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: (7, 0))
    old = r"Card has compute capability 7\.0, and torch .* begins at 7\.5; "
    with pytest.raises(InputError, match=old + "install a build of torch that has it"):
        choose_machine(1, 4)
    with pytest.raises(InputError, match=old + "give the device cpu"):
        check_device("cuda")


def test_a_gpu_that_the_environment_hides_is_no_fault_of_the_driver(two_gpus, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match=r"^CUDA_VISIBLE_DEVICES is '', and torch sees no GPU; name one there that"):
        choose_machine(1, 4)


def test_more_gpus_than_there_are_are_refused(two_gpus):
    with pytest.raises(InputError, match="4 GPUs are granted, and torch sees 2; ask for no more than"):
        choose_machine(4, 8)
