"""`python -m benchmarks.formats`: what memory format and arithmetic are worth to each network on this machine.

ONEDNN_MAX_CPU_ISA=AVX2 and ATEN_CPU_CAPABILITY=avx2 in the environment show a machine without AVX-512 and AMX.
"""

from collections.abc import Callable

import torch
from torch import nn

from benchmarks.measure import seconds
from lpg.jobs.machine import Machine, choose_machine, has_bfloat16
from lpg.networks.build import build_generator, build_segmenter
from lpg.training.precision import mixed

TRUNK = "tf_efficientnet_lite0"
CASES: dict[str, tuple[Callable[[], nn.Module], tuple[int, int, int, int]]] = {
    "LargeFOV, 321": (lambda: build_segmenter("largefov", 21), (1, 3, 321, 321)),
    "LargeFOV, 328": (lambda: build_segmenter("largefov", 21), (1, 3, 328, 328)),
    "LargeFOV, 352": (lambda: build_segmenter("largefov", 21), (1, 3, 352, 352)),
    "Hourglass, 512": (lambda: build_generator("hourglass"), (1, 5, 512, 512)),
    "ResNet18 generator, 256": (lambda: build_generator("resnet18"), (1, 5, 256, 256)),
    "FPN on lite0, 4 of 160": (lambda: build_segmenter("fpn", 21, TRUNK), (4, 3, 160, 160)),
    "U-Net on lite0, 4 of 192": (lambda: build_generator("unet", TRUNK), (4, 5, 192, 192)),
    "the same, stride 2, 12 of 224": (lambda: build_generator("unet", TRUNK, output_stride=2), (12, 5, 224, 224)),
}
FORMATS = {"contiguous": torch.contiguous_format, "channels last": torch.channels_last}


def main() -> None:
    choose_machine(gpu=0, threads=1)
    print(
        f"{torch.backends.cpu.get_cpu_capability()}, torch {torch.__version__}; ms of one thread: forward, whole step"
    )
    kinds = ("float32", "bfloat16") if has_bfloat16("cpu") else ("float32",)
    for name, (build, shape) in CASES.items():
        for kind in kinds:
            cells = [f"{label} {_measured(build(), shape, layout, kind)}" for label, layout in FORMATS.items()]
            print(f"{name:29} {kind:9} {'   '.join(cells)}", flush=True)


def _measured(network: nn.Module, shape: tuple[int, ...], layout: torch.memory_format, kind: str) -> str:
    network, x = network.to(memory_format=layout), torch.randn(shape).contiguous(memory_format=layout)

    def run() -> torch.Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=kind == "bfloat16"):
            return network(x)

    def step() -> None:
        network.zero_grad()
        with mixed(Machine(precision=kind)):
            loss = network(x).float().square().mean()
        loss.backward()

    with torch.inference_mode():
        network.eval()
        (forward,) = seconds(run)
    network.train()
    (whole,) = seconds(step)
    return f"{1000 * forward:6.0f} {1000 * whole:6.0f}"


if __name__ == "__main__":
    main()
