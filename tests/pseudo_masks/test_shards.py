"""Masks in shards: what is made of the same stays, and nothing that is of others is taken for them."""

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import h5py
import numpy as np
import pytest
from conftest import photograph_of
from PIL import Image

from lpg.errors import InputError
from lpg.files.boxes import write_boxes
from lpg.files.pseudo_masks import SoftMaskFile
from lpg.generators.interface import Generator, Request, SoftMasks
from lpg.jobs.job import Job
from lpg.jobs.log import track
from lpg.jobs.provenance import CONTENT
from lpg.pseudo_masks import shards
from lpg.pseudo_masks.shards import finished_shards, make_shards


class Reds(Generator):
    """A mask is the red of its box; it remembers which photographs it has been asked about."""

    asked: ClassVar[list[str]] = []

    def masks_of(self, request: Request) -> SoftMasks:
        image, red = request.image, request.photograph[..., 0]
        self.asked.append(image.name)
        return SoftMasks.of_boxes(image, [red[inside] for inside in image.inside])


@pytest.fixture
def dataset(tmp_path, monkeypatch):
    """Writes `boxes.h5` of some photographs of 6 × 8 pixels, two a shard, and makes their masks."""
    monkeypatch.setattr(shards, "SHARD", 2)
    boxes = tmp_path / "boxes.h5"

    def make(names="abc", classes=("cat",), made_by="boxes", **changes) -> list[Path]:
        photographs = []
        for name in names:
            pixels = np.random.default_rng(ord(name)).integers(0, 256, (6, 8, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / f"{name}.png")
            image = photograph_of(6, 8, [[1, 1, 4, 3]], [1], name=name, path=tmp_path / f"{name}.png")
            photographs.append(replace(image, **changes))
        write_boxes(photographs, classes, path=boxes, dataset="d", digests=list(names))
        job = Job(tmp_path / "masks")
        return make_shards(Reds, made_by, boxes=boxes, job=job, watch=watch)

    def watch(items, what, total):
        assert total in (2, 3, 4)
        return track(items, what)

    return make


def times(paths: list[Path]) -> list[int]:
    return [path.stat().st_mtime_ns for path in paths]


def test_what_is_made_of_the_same_stays(dataset, tmp_path):
    first = dataset()
    before = times(first)
    assert [path.name for path in first] == ["00000.h5", "00001.h5"]
    assert times(dataset()) == before
    assert SoftMaskFile(first).boxes("d/c")[0].shape == (2, 3)
    first[1].unlink()
    again = times(dataset())
    assert again[0] == before[0] and again[1] > before[1]


@pytest.mark.parametrize(
    "change",
    [{"boxes": np.array([[1, 1, 4, 4]], np.float32)}, {"classes": ("dog",)}, {"upright": True}, {"object_ids": ["x"]}],
)
def test_what_is_of_other_boxes_is_made_again(dataset, change):
    before = times(dataset())
    assert all(new > old for new, old in zip(times(dataset(**change)), before, strict=True))


def contents(paths: list[Path]) -> list[str]:
    """The digests of all that is in some files."""
    found = []
    for path in paths:
        with h5py.File(path) as file:
            found.append(file.attrs[CONTENT])
    return found


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ({"classes": ("ant", "cat"), "class_ids": np.array([2])}, []),  # a new class, which the alphabet has first
        ({"object_ids": [7]}, []),  # a new row in a table, whose lines are the ids
        ({"names": "Aabc"}, ["d/A", "d/b"]),  # each file has one of the file before, which is written over
        ({"names": "bc"}, ["d/c"]),
        ({"boxes": np.array([[1, 1, 4, 4]], np.float32)}, ["d/a", "d/b", "d/c"]),
        ({"upright": True}, ["d/a", "d/b", "d/c"]),
    ],
)
def test_of_what_is_written_again_only_the_new_is_asked(dataset, monkeypatch, tmp_path, change, again):
    dataset()
    monkeypatch.setattr(Reds, "asked", [])
    written = contents(dataset(**change))
    assert Reds.asked == again
    for path in (tmp_path / "masks").iterdir():
        path.unlink()
    assert contents(dataset(**change)) == written


def test_shards_of_a_larger_dataset_are_not_its_masks(dataset, tmp_path):
    dataset()
    assert dataset("ab") == finished_shards(tmp_path / "boxes.h5", tmp_path / "masks")
    assert (tmp_path / "masks" / "00001.h5").exists()


def test_masks_that_are_not_finished_are_refused(dataset, tmp_path):
    dataset()[0].unlink()
    with pytest.raises(InputError, match=r"1 of 2 files of masks in .* are missing, or are of other boxes"):
        finished_shards(tmp_path / "boxes.h5", tmp_path / "masks")


def test_the_masks_of_another_generator_are_not_written_over(dataset):
    dataset()
    with pytest.raises(InputError, match="holds masks by boxes, not by another"):
        dataset(made_by="another")
