"""Small trainings that several processes share, in a module that those can import. As a script, for torchrun."""

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, distributed, nn
from torch.utils.data import Dataset

from lpg.generators.baselines.bcm.masking import ClassMasking
from lpg.generators.baselines.bcm.task import BcmTask
from lpg.generators.learned.losses import GeneratorTask
from lpg.jobs.job import Job
from lpg.jobs.machine import Machine
from lpg.pixels.colours import Normalisation
from lpg.segmenter.losses import SegmenterTask
from lpg.training.launch import launch
from lpg.training.loop import Saving, state_path, train
from lpg.training.sampling import Rows
from lpg.training.schedule import check_groups
from lpg.training.task import Task

BATCH = 7  # neither two nor three processes have the same number of samples
ITERATIONS = 4
HALF = "half"  # a folder
PROVENANCE = {"settings_digest": "s", "code_digest": "c", "input_digests": {"boxes.h5": "b"}}


class Small(nn.Module):
    """Batch normalisation, both dropouts, several scales; logits at stride 2."""

    stride, feature_channels = 2, 8
    normalisation = Normalisation((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
    multiple = 32

    def __init__(self, channels: int, classes: int, scales: tuple[float, ...] = (1.0,), norm: bool = True) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.scales = scales
        self.features = nn.Sequential(
            nn.Conv2d(channels, 8, 3, stride=2, padding=1),
            nn.BatchNorm2d(8) if norm else nn.Identity(),
            *(nn.ReLU(), nn.Dropout2d(0.5), nn.Dropout(0.2)),
        )
        self.classifier = nn.Conv2d(8, classes, 1)
        self.unused = nn.Conv2d(8, classes, 1)  # as in some encoders of timm

    def forward(self, x: Tensor) -> Tensor:
        return self.classify(self.represent(x))

    def represent(self, x: Tensor) -> Tensor:
        return self.features(x)

    def classify(self, features: Tensor) -> Tensor:
        return self.classifier(features)


def segmenter(norm: bool) -> Task:
    return SegmenterTask(Small(3, 3, (1.0, 0.5), norm))


def generator(norm: bool) -> Task:
    return GeneratorTask(Small(5, 2, norm=norm), outside_weight=0.3, iou_weight=0.7)


def bcm(norm: bool) -> Task:
    return BcmTask(ClassMasking(Small(3, 3, norm=norm), 3), 3, torch.tensor([1.0, 0.6, 0.3]))


TASKS: dict[str, Callable[[bool], Task]] = {"segmenter": segmenter, "generator": generator, "bcm": bcm}


class Samples(Dataset):
    """Noise and labels, each sample a function of iteration and position; the later in the batch, the more is void."""

    def __init__(self, name: str, rows: Rows, at: int | None = None, action: Callable[[], None] | None = None) -> None:
        self.name, self.rows, self.at, self.action = name, rows, at, action

    def __getitem__(self, iteration: int) -> tuple[Tensor, ...]:
        if iteration == self.at:
            self.action()
        samples = [self._sample(iteration, position) for position in range(self.rows.start, self.rows.stop)]
        return tuple(torch.stack(part) for part in zip(*samples, strict=True))

    def _sample(self, iteration: int, position: int) -> tuple[Tensor, ...]:
        rng = torch.Generator().manual_seed(100 * iteration + position)
        channels, classes = (5, 2) if self.name == "generator" else (3, 3)
        image = torch.randint(0, 256, (channels, 16, 16), generator=rng, dtype=torch.uint8)
        image[3:4] = 255 * (torch.arange(16) < 4 + position)  # the box map of a generator
        labels = (image[:3].float().mean(dim=0) > 120).to(torch.uint8) * (1 + torch.arange(16) % (classes - 1))
        boxes = (1 << labels) * (labels > 0)  # a bit for the box map of every class
        labels[: 2 * position] = 255
        return (image, labels, boxes) if self.name == "bcm" else (image, labels)


@dataclass(frozen=True)
class Result:
    losses: list[float]
    weights: dict[str, Tensor]

    @classmethod
    def read(cls, folder: Path, name: str) -> "Result":
        return cls(**torch.load(folder / f"{name}.result", weights_only=True))


def run(
    folder: Path, name: str, machine: Machine, *, norm: bool = True, at: int | None = None, action=None, task=None
) -> Result:
    """Train one task, and save its state after every iteration."""
    folder.mkdir(parents=True, exist_ok=True)
    task = task or TASKS[name](norm)
    optimizer = check_groups(task.network, torch.optim.SGD(task.network.parameters(), lr=0.05, momentum=0.9))
    batches = Samples(name, Rows.of_rank(machine.rank, machine.ranks, BATCH), at, action)
    saving = Saving(every=0, share=float("inf"))
    job = Job(folder / f"{name}.pt", PROVENANCE, machine, seed=1)
    losses = train(task, optimizer, batches, iterations=ITERATIONS, job=job, saving=saving)
    return Result(losses, task.network.state_dict())


def run_all(folder: Path, job: Job) -> None:
    """Train every task, one in bfloat16 too, and write its `.result`."""
    half = replace(job.machine, precision="bfloat16")
    for part, name, machine in [*((folder, name, job.machine) for name in TASKS), (folder / HALF, "segmenter", half)]:
        result = run(part, name, machine)
        if job.machine.rank == 0:
            torch.save(result.__dict__, part / f"{name}.result")


def run_all_and_be_killed(folder: Path, job: Job) -> None:
    """`run_all`; then a training of whose processes the second is killed before its third batch."""
    run_all(folder, job)
    at = 2 if job.machine.rank == 1 else None
    run(folder / "killed", "segmenter", job.machine, at=at, action=lambda: os.kill(os.getpid(), signal.SIGKILL))


def say_whether_tf32(folder: Path, job: Job) -> None:
    """Write whether convolutions may round to TF32 in this process."""
    (folder / f"{job.machine.rank}.tf32").write_text(str(torch.backends.cudnn.allow_tf32))
    distributed.barrier()  # who is done early hangs up on the other


def begun(folder: Path, name: str, iteration: int, machine: Machine) -> None:
    """Leave the state of a training that was stopped after `iteration` iterations."""

    def stop() -> None:
        raise KeyboardInterrupt

    try:
        run(folder, name, machine, at=iteration, action=stop)
    except KeyboardInterrupt:
        assert len(torch.load(state_path(Job(folder / f"{name}.pt")), weights_only=True)["losses"]) == iteration


if __name__ == "__main__":
    launch(run_all, Path(sys.argv[1]), batch=BATCH, job=Job(Path(sys.argv[1]) / "all.pt"))
