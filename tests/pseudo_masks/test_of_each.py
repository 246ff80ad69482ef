"""Files of several photographs: each has what is its own."""

import os
from dataclasses import replace

import numpy as np
from conftest import photograph_of
from PIL import Image
from pseudo_masks.test_shards import dataset, times  # noqa: F401

from lpg.files.boxes import BoxTable, write_boxes
from lpg.files.hdf5 import create_file, stands
from lpg.files.pseudo_masks import ACCEPTED, OPEN, REJECTED, SoftMaskFile, write_pseudo_masks
from lpg.jobs.provenance import file_digest
from lpg.pixels.crf import CrfSettings
from lpg.pseudo_masks.refine import refine_masks
from lpg.pseudo_masks.settling import settle


def test_what_is_decided_and_what_is_object_is_of_each_photograph_and_file(tmp_path):
    """Two boxes on the first photograph, one on the second; a third in another file, of another method."""
    one = photograph_of(2, 4, [[0, 0, 2, 2], [2, 0, 4, 2]], [1, 1], name="d/one")
    two = photograph_of(2, 4, [[0, 0, 2, 2]], [1], name="d/two")
    three = replace(two, name="d/three")
    empty = np.zeros((2, 4), np.uint8)

    def write(path, images, verdicts, least):
        soft = np.full((2, 2), 9, np.uint8)
        rows = [(empty, empty[None], [soft] * len(own.boxes)) for own in images]
        write_pseudo_masks(path, ("background", "cat"), images, rows, verdicts=verdicts, object_from=least)

    write(tmp_path / "a.h5", [one, two], [[OPEN, ACCEPTED], [REJECTED]], 128)
    write(tmp_path / "b.h5", [three], [[ACCEPTED]], 255)
    soft = SoftMaskFile([tmp_path / "a.h5", tmp_path / "b.h5"])
    names = ("d/one", "d/two", "d/three")
    assert [soft.verdicts(name) for name in names] == [[OPEN, ACCEPTED], [REJECTED], [ACCEPTED]]
    assert [soft.object_from(name) for name in names] == [128, 128, 255]
    assert [len(soft.boxes(name)) for name in names] == [2, 1, 1]


def test_an_accepted_mask_begins_at_one_half_and_a_rejected_one_takes_nothing_from_others():
    image = photograph_of(1, 6, [[0, 0, 3, 1], [2, 0, 6, 1]], [1, 2])
    masks = [np.array([[127, 128, 0]], np.uint8), np.zeros((1, 4), np.uint8)]
    labels = np.array([[0, 0, 0, 2, 0, 0]], dtype=np.uint8)
    assert settle(image, labels, masks, [ACCEPTED, REJECTED]).tolist() == [[0, 1, 255, 2, 255, 255]]


def test_masks_of_photographs_that_have_changed_are_made_again_and_no_others(dataset, monkeypatch):  # noqa: F811
    from lpg.pseudo_masks import shards

    before = times(dataset())
    real = shards.read_strings
    monkeypatch.setattr(shards, "read_strings", lambda *given: [*real(*given)[:2], "another"])
    after = times(dataset())
    assert after[0] == before[0] and after[1] > before[1]


def test_masks_of_boxes_of_another_class_are_made_again(dataset):  # noqa: F811
    before = times(dataset(classes=("cat", "dog")))
    after = times(dataset(classes=("cat", "dog"), class_ids=np.array([2])))
    assert all(new > old for new, old in zip(after, before, strict=True))


def test_a_file_stands_for_as_long_as_its_photographs_do(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    image = photograph_of(4, 4, [[0, 0, 2, 2]], [1], path=tmp_path / "a.png")
    digests = [file_digest(tmp_path / "a.png")]
    write_boxes([image], ["cat"], path=tmp_path / "boxes.h5", dataset="d", digests=digests)
    with create_file(tmp_path / "made.h5", ("background",), {"ingredients_digest": "x"}):
        pass
    as_read = BoxTable([tmp_path / "boxes.h5"]).as_read
    assert as_read() and stands(tmp_path / "made.h5", "x", as_read) and not stands(tmp_path / "made.h5", "y", as_read)
    Image.new("RGB", (4, 4), (1, 2, 3)).save(tmp_path / "a.png")
    assert not as_read() and not stands(tmp_path / "made.h5", "x", as_read)
    os.unlink(tmp_path / "a.png")
    assert not as_read()


def test_the_background_is_as_likely_as_no_class_is():
    """Two classes of 0.45: none of both is 0.55², less likely than either, and one of them alone would lose to 0.55."""
    image = photograph_of(4, 4, [[0, 0, 4, 4], [0, 0, 4, 4]], [3, 7])
    soft, grey = np.stack([np.full((4, 4), value, np.uint8) for value in (115, 116)]), np.full((4, 4, 3), 90, np.uint8)
    nothing = CrfSettings(0, 1, 1, 0, 1)
    assert (refine_masks(soft, image, grey, nothing) == 7).all()
    alone = photograph_of(4, 4, [[0, 0, 4, 4]], [3])
    assert (refine_masks(soft[:1], alone, grey, nothing) == 0).all()
