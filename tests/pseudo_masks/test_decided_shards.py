"""Masks in files of some photographs each, under decisions that are about all of them."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import photograph_of
from PIL import Image

from lpg.files.boxes import write_boxes
from lpg.files.label_maps import LabelMaps
from lpg.generators.baselines.boxes import Boxes
from lpg.generators.opening import open_method
from lpg.jobs.job import Job
from lpg.pseudo_masks import shards
from lpg.pseudo_masks.shards import make_shards


@pytest.fixture
def make(tmp_path, monkeypatch):
    """Masks of the photographs `1` and `train/1`, a cat of 2 × 2 pixels each, in a file each; gives the files."""
    monkeypatch.setattr(shards, "SHARD", 1)
    Image.fromarray(np.zeros((2, 3, 3), dtype=np.uint8)).save(tmp_path / "any.png")
    one = photograph_of(2, 3, [[0, 0, 2, 2]], [1], name="1", path=tmp_path / "any.png")
    images = [one, replace(one, name="train/1")]
    write_boxes(images, ["cat"], path=tmp_path / "boxes.h5", dataset="d", digests=["", ""])

    def run(*decisions) -> list:
        job = Job(tmp_path / "masks")
        options = {"boxes": tmp_path / "boxes.h5", "job": job, "watch": lambda images, *_, **__: images}
        return make_shards(lambda: open_method("boxes", {}), "boxes", decisions=decisions, **options)

    return run


def test_a_picture_is_of_one_photograph_whatever_file_that_is_in(make, tmp_path, caplog):
    (tmp_path / "pictures" / "train").mkdir(parents=True)
    Image.fromarray(np.uint8([[255, 0, 0], [255, 0, 0]])).save(tmp_path / "pictures" / "train" / "1__1.png")
    first, second = make(tmp_path / "pictures")
    assert LabelMaps([first])["d/1"].tolist() == [[1, 1, 0]] * 2
    assert LabelMaps([second])["d/train/1"].tolist() == [[1, 0, 0]] * 2
    assert [one for one in caplog.messages if "decisions" in one and "about other" in one] == []


def test_only_what_is_decided_on_is_made_again(make, tmp_path):
    first, second = [path.stat().st_mtime_ns for path in make()]
    Image.fromarray(np.uint8([[255, 0, 0], [255, 0, 0]])).save(tmp_path / "1__1.png")
    again = [path.stat().st_mtime_ns for path in make(tmp_path / "1__1.png")]
    assert again[0] != first and again[1] == second


def test_only_what_was_decided_on_before_is_asked_again(make, tmp_path, monkeypatch):
    monkeypatch.setattr(shards, "SHARD", 2)
    make()
    asked, answer = [], Boxes.masks_of
    monkeypatch.setattr(Boxes, "masks_of", lambda own, one: (asked.append(one.image.name), answer(own, one))[1])
    Image.fromarray(np.uint8([[255, 0, 0], [255, 0, 0]])).save(tmp_path / "1__1.png")
    (decided,) = make(tmp_path / "1__1.png")
    assert LabelMaps([decided])["d/1"].tolist() == [[1, 0, 0]] * 2 and asked == []
    (undone,) = make()
    assert LabelMaps([undone])["d/1"].tolist() == [[1, 1, 0]] * 2 and asked == ["d/1"]


def test_decisions_that_are_not_given_again_are_told_to_be_lost(make, tmp_path, caplog):
    Image.fromarray(np.uint8([[255, 0, 0], [255, 0, 0]])).save(tmp_path / "1__1.png")
    make(tmp_path / "1__1.png")
    assert "made anew without" not in caplog.text
    first, _ = make()
    assert LabelMaps([first])["d/1"].tolist() == [[1, 1, 0]] * 2
    assert "1 files of masks hold decisions, and are made anew without: give --decisions again" in caplog.text
    caplog.clear()
    make()
    assert caplog.text == ""
