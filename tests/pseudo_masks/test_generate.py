"""Pseudo masks of a whole dataset: the same from any number of processes, and fused as Eq. 7 wants it."""

from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import photograph_of
from PIL import Image
from torch import nn

from lpg.files.boxes import BoxTable, write_boxes
from lpg.files.label_maps import LabelMaps
from lpg.files.predictions import Scores, write_predictions
from lpg.files.pseudo_masks import SoftMaskFile
from lpg.generators.interface import Generator, SoftMasks
from lpg.generators.learned.apply import LearnedGenerator
from lpg.generators.learned.recipe import generator_recipe
from lpg.generators.opening import open_method
from lpg.jobs.job import Job
from lpg.pixels.colours import Normalisation
from lpg.pixels.windows import Window
from lpg.pseudo_masks.generate import generate_pseudo_masks

CLASSES = ("background", "cat", "dog")


@pytest.fixture
def dataset(tmp_path) -> Path:
    """`boxes.h5` and `predictions.h5`: a bright square, ever further to the right, in the boxes of two classes."""
    photographs, scores = [], []
    rng = np.random.default_rng(0)
    for shift, name in enumerate("abcde"):
        pixels = rng.integers(0, 60, (60, 80, 3), dtype=np.uint8)
        pixels[20:40, 20 + 5 * shift : 40 + 5 * shift] = rng.integers(180, 255, (20, 20, 3))
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
        boxes = [[10, 10, 70, 50], [2, 2, 30, 30]]
        photographs.append(photograph_of(60, 80, boxes, [2, 1], name=name, path=tmp_path / f"{name}.png"))
        peaks = rng.uniform(0.5, 1, 3).astype(np.float32)
        scores.append(Scores([0, 1, 2], rng.integers(0, 256, (3, 8, 10), dtype=np.uint8), peaks, Window(0, 0, 64, 80)))
    write_boxes(photographs, CLASSES[1:], path=tmp_path / "boxes.h5", dataset="d")
    write_predictions(tmp_path / "predictions.h5", CLASSES, [f"d/{name}" for name in "abcde"], scores)
    return tmp_path


def generate(generator: Generator, dataset: Path, *, scores: bool = False, processes: int = 1) -> Path:
    """Make the pseudo masks of a dataset, and give their path."""
    job = Job(dataset / f"{processes}.h5", processes=processes)
    predictions = [dataset / "predictions.h5"] if scores else []
    generate_pseudo_masks(generator, boxes=[dataset / "boxes.h5"], predictions=predictions, job=job)
    return job.path


def contents(path: Path) -> list[np.ndarray]:
    """Label map and soft masks of every photograph."""
    labels, soft = LabelMaps([path]), SoftMaskFile(path)
    return [array for name in labels.names for array in (labels[name], soft.foreground(name), *soft.boxes(name))]


@pytest.mark.parametrize("method", ["grabcut", "bcm", "wssl_em_fixed"])
def test_photographs_are_shared_among_processes_and_come_back_in_order(dataset, method):
    scores = method != "grabcut"
    one, two = (generate(open_method(method, {}), dataset, scores=scores, processes=number) for number in (1, 2))
    assert LabelMaps([one]).names == LabelMaps([two]).names == [f"d/{name}" for name in "abcde"]
    assert all(np.array_equal(*pair) for pair in zip(contents(one), contents(two), strict=True))
    labels = LabelMaps([two])
    assert len({labels[name].tobytes() for name in labels.names}) == 5


class Bright(nn.Module):
    """Sees what is brighter than grey, at stride 4; no other process can be sent one."""

    normalisation = Normalisation((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
    multiple = 4

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        shown = nn.functional.avg_pool2d(x[:, :1], 4)
        return torch.cat([torch.zeros_like(shown), 5 * shown], dim=1)

    def __getstate__(self):
        raise AssertionError("a network stays in its process")


@pytest.mark.parametrize("view", ["image", "box"])
def test_a_learned_generator_stays_in_its_process(dataset, view):
    recipe = generator_recipe({"architecture": "hourglass", "view": view, "crop": 64})
    one, two = (
        generate(LearnedGenerator(Bright(), recipe), dataset, scores=True, processes=number) for number in (1, 2)
    )
    assert all(np.array_equal(*pair) for pair in zip(contents(one), contents(two), strict=True))
    for shift, name in enumerate("abcde"):
        square = LabelMaps([two])[f"d/{name}"][24:36, 24 + 5 * shift : 36 + 5 * shift]
        assert set(np.unique(square)) <= {1, 2} and square[-1, -1] == 2


class Recorded(Generator):
    """Half of every class, by whom nothing is sure; it records what it is asked.

    Attributes:
        groups: names of the photographs that come together.
        scores: of every photograph.
    """

    band = (0.25, 0.75)

    def __init__(self, named: bool = False) -> None:
        self.named_score = named
        self.groups, self.scores = [], {}

    def __call__(self, requests):
        self.groups.append([request.image.name for request in requests])
        self.scores |= {request.image.name: dict(request.scores) for request in requests}
        return [SoftMasks.of_classes(one.image, (128 * one.image.box_maps()).astype(np.uint8)) for one in requests]


@pytest.mark.parametrize("named", [False, True])
def test_a_generator_is_given_scores_as_it_wants_them(dataset, named):
    generator = Recorded(named)
    generate(generator, dataset, scores=True)
    assert [sorted(scores) for scores in generator.scores.values()] == [[0, 1, 2]] * 5
    sums = np.stack([np.sum([*scores.values()], axis=0, dtype=int) for scores in generator.scores.values()])
    assert (np.abs(sums - 255).max() <= 2) == named  # what is not background, is of a class that a box names
    generate(generator, dataset)
    assert set(map(len, generator.scores.values())) == {0}


def test_doubt_between_the_ends_of_a_generators_band_is_void(dataset):
    path = generate(Recorded(), dataset)
    for image in BoxTable([dataset / "boxes.h5"]).images:
        assert np.array_equal(LabelMaps([path])[image.name] == 255, image.box_maps().any(axis=0))


def test_photographs_come_in_groups_of_bounded_size(dataset, monkeypatch):
    monkeypatch.setattr("lpg.jobs.processes.TOGETHER", 2)
    generator = Recorded()
    generate(generator, dataset)
    assert generator.groups == [["d/a", "d/b"], ["d/c", "d/d"], ["d/e"]]


def test_classes_are_those_of_the_predictions(dataset):
    names = ("background", "dog", "horse", "cat")
    flat = Scores([0, 1, 3], np.full((3, 8, 10), 90, np.uint8), np.ones(3, np.float32), Window(0, 0, 64, 80))
    scores = [flat] * 5
    write_predictions(dataset / "predictions.h5", names, [f"d/{name}" for name in "abcde"], scores)
    generator = Recorded()
    path = generate(generator, dataset, scores=True)
    assert SoftMaskFile(path).classes == names
    assert {tuple(one) for one in generator.scores.values()} == {(0, 1, 3)}
