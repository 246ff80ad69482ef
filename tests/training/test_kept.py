"""A finished network is taken back if it would come out the same."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import photograph_of
from PIL import Image

from lpg.errors import InputError
from lpg.files.boxes import write_boxes
from lpg.files.checkpoint import Checkpoint, load_checkpoint
from lpg.generators.learned.train import train_generator
from lpg.jobs.job import Job
from lpg.pixels.colours import Normalisation
from lpg.segmenter.train import train_segmenter
from lpg.training.kept import take_back

PROVENANCE = {"settings_digest": "s", "code_digest": "c", "input_digests": {"boxes.h5": "b"}}
CHANGES = [{"settings_digest": "t"}, {"code_digest": "d"}, {"input_digests": {"boxes.h5": "other"}}]
SETTINGS = {"architecture": "resnet18", "initialisation": "none", "iterations": 1, "batch": 2, "crop": 32}


def finish(job: Job, weight: float = 1.0) -> None:
    """Write the checkpoint of a job, as a training does at its end."""
    Checkpoint(
        kind="segmenter",
        recipe={"architecture": "resnet18"},
        classes=("background",),
        weights={"w": torch.tensor([weight])},
        losses=[],
        initialisation="none",
        normalisation=Normalisation((0.5,) * 3, (0.5,) * 3),
        provenance=job.provenance | {"ingredients_digest": job.ingredients},
    ).save(job.path)


def weight_of(path: Path) -> float:
    return load_checkpoint(path, kind="segmenter").weights["w"].item()


@pytest.fixture
def job(tmp_path) -> Job:
    """A job whose network is finished."""
    job = Job(tmp_path / "segmenter.pt", PROVENANCE)
    finish(job)
    return job


def names(job: Job) -> list[str]:
    return sorted(path.name for path in Path(job.path).parent.iterdir())


def test_there_is_nothing_to_take_back_at_first(tmp_path):
    assert not take_back(Job(tmp_path / "segmenter.pt", PROVENANCE))


def test_a_network_of_the_same_ingredients_is_taken_back(job):
    before = job.path.read_bytes()
    os.utime(job.path, (1e9, 1e9))
    assert take_back(Job(job.path, PROVENANCE))
    assert job.path.read_bytes() == before
    assert job.path.stat().st_mtime > time.time() - 60, "as new as its inputs"


def test_inputs_are_the_same_wherever_they_lie(job):
    assert take_back(Job(job.path, PROVENANCE | {"input_digests": {"elsewhere/boxes.h5": "b"}}))


@pytest.mark.parametrize("changes", CHANGES)
def test_a_network_of_other_ingredients_is_not_taken_back_and_stays_until_its_successor_is_there(job, changes):
    other = Job(job.path, PROVENANCE | changes)
    assert not take_back(other)
    assert weight_of(job.path) == 1
    finish(other, weight=2.0)
    assert not take_back(Job(job.path, PROVENANCE))
    assert take_back(other)


def test_a_network_of_unknown_ingredients_is_not_taken_back(tmp_path):
    finish(Job(tmp_path / "segmenter.pt"))
    assert not take_back(Job(tmp_path / "segmenter.pt"))


@pytest.mark.parametrize("damage", [lambda content: content[:300], lambda content: b"", lambda _: b"no network"])
def test_a_damaged_network_is_not_taken_back(job, damage, caplog):
    job.path.write_bytes(damage(job.path.read_bytes()))
    assert not take_back(Job(job.path, PROVENANCE))
    assert "the network is trained, and takes its place" in caplog.text


@pytest.fixture
def boxes(tmp_path) -> Path:
    """One photograph with two boxes; the file has label maps, too."""
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 48, 3), dtype=np.uint8)).save(tmp_path / "a.png")
    image = photograph_of(40, 48, [[4, 4, 30, 30], [20, 8, 46, 38]], [1, 2], path=tmp_path / "a.png")
    write_boxes([image], ["cat", "dog"], path=tmp_path / "boxes.h5", dataset="d")
    return tmp_path / "boxes.h5"


def segmenter(job: Job, boxes: Path, **settings) -> None:
    train_segmenter(SETTINGS | settings, boxes=[boxes], labels=[boxes], start=None, job=job)


def test_a_segmenter_of_the_same_ingredients_is_not_trained_again(tmp_path, boxes):
    job = Job(tmp_path / "new" / "segmenter.pt", PROVENANCE)
    segmenter(job, boxes)
    assert names(job) == ["segmenter.pt"]
    before = load_checkpoint(job.path, kind="segmenter")
    boxes.unlink()  # nobody looks at it
    started = time.monotonic()
    segmenter(Job(job.path, PROVENANCE), boxes)
    assert time.monotonic() - started < 1
    after = load_checkpoint(job.path, kind="segmenter")
    assert all(torch.equal(after.weights[name], tensor) for name, tensor in before.weights.items())
    assert (after.losses, after.recipe) == (before.losses, before.recipe)


@pytest.mark.parametrize("changes", CHANGES)
def test_a_segmenter_of_other_ingredients_is_trained(tmp_path, boxes, changes):
    job = Job(tmp_path / "new" / "segmenter.pt", PROVENANCE)
    segmenter(job, boxes)
    segmenter(replace(job, provenance=PROVENANCE | changes), boxes, iterations=2)
    assert len(load_checkpoint(job.path, kind="segmenter").losses) == 2
    boxes.unlink()
    with pytest.raises(InputError, match=r"boxes\.h5 does not exist"):
        segmenter(job, boxes)
    assert names(job) == ["segmenter.pt"]


CLAIMING = """
import sys, time
from lpg.files.atomic import claimed

with claimed(sys.argv[1]):
    print("training", flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="locks of opened files are Linux's")
def test_a_network_that_another_process_trains_is_not_trained_beside_it(tmp_path, boxes):
    job = Job(tmp_path / "new" / "segmenter.pt", PROVENANCE)
    with subprocess.Popen([sys.executable, "-c", CLAIMING, job.path], stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"training\n"
        with pytest.raises(InputError, match=r"another process is writing .*segmenter\.pt"):
            segmenter(job, boxes)
        other.kill()
    segmenter(job, boxes)
    assert names(job) == ["segmenter.pt"]


def test_a_generator_of_the_same_ingredients_is_not_trained_again(tmp_path):
    job = Job(tmp_path / "generator.pt", PROVENANCE)
    finish(job)
    nowhere = [tmp_path / "none.h5"]
    train_generator(
        {"architecture": "hourglass"}, boxes=nowhere, masks=nowhere, predictions=nowhere, start=None, job=job
    )
    assert job.path.is_file()
