"""Networks are built and trained without torch's compiler, and whoever asks for it gets it."""

import subprocess
import sys
from contextlib import nullcontext

import torch

from lpg.networks import trunks
from lpg.networks.build import build_generator, build_segmenter

TRUNK = "tf_efficientnet_lite0"
PROGRAM = f"""
import sys, torch
from lpg.networks.build import build_generator
from lpg.networks.eager import uncompiled

network = build_generator("unet", "{TRUNK}", output_stride=4)
with uncompiled():
    for kind in (torch.optim.SGD, torch.optim.AdamW):
        optimizer = kind(network.parameters(), lr=0.1)
        optimizer.zero_grad(set_to_none=True)
        network(torch.zeros(2, 5, 64, 64)).sum().backward()
        optimizer.step()
print(*(name for name in ("torch._dynamo", "torch._inductor", "sympy", "triton") if name in sys.modules))
with uncompiled():
    print(torch._dynamo.is_compiling(), sys.modules["torch._dynamo"].__file__.endswith("__init__.py"))
"""


def test_networks_are_built_and_trained_without_the_compiler_which_stays_to_be_had():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["", "False True"]


def test_weights_are_those_that_are_drawn_without_it(monkeypatch):
    def drawn() -> list[dict]:
        torch.manual_seed(0)
        networks = build_segmenter("fpn", 3, TRUNK), build_generator("unet", "resnet18", output_stride=2)
        return [network.state_dict() for network in networks]

    lean = drawn()
    monkeypatch.setattr(trunks, "lean", nullcontext)
    for first, second in zip(lean, drawn(), strict=True):
        assert first.keys() == second.keys()
        assert all(torch.equal(first[name], second[name]) for name in first)
