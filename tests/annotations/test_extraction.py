"""From annotations to `boxes.h5`: what is checked of boxes and photographs, what is left out, and which are taken."""

import logging
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
from conftest import VocFiles, write_photograph
from PIL import Image

from lpg.annotations.extraction import Permissions, choose_fraction, extract_boxes
from lpg.errors import InputError
from lpg.files.boxes import BoxTable
from lpg.files.hdf5 import open_file, read_strings
from lpg.jobs.job import Job
from lpg.jobs.provenance import kept_digest
from lpg.pixels.box_maps import box_map


def test_boxes_of_excluded_classes_are_kept_as_they_are(coco, make_boxes):
    coco.change(103, bbox=[6, 0, 9, 2])  # the couch leaves its photograph, which nobody needs to mend
    one = BoxTable([make_boxes(coco.settings)])["tiny/one"]
    assert one.boxes.tolist() == [[1, 1, 5, 4], [3, 2, 5, 4]]
    assert box_map(one.excluded, 6, 8).astype(int).tolist() == [[0] * 6 + [1] * 2] * 2 + [[0] * 8] * 4


def test_a_photograph_without_annotation_is_skipped_when_asked(voc, make_boxes):
    voc.xml("q").unlink()
    with pytest.raises(InputError, match=r"q\.xml does not exist, ") as refusal:
        make_boxes(voc.settings)
    assert refusal.value.permission == "skip_unreadable"
    table = BoxTable([make_boxes(voc.settings, skip_unreadable=True)])
    assert [image.name for image in table.images] == ["tiny/p"]


def test_which_of_two_photographs_of_a_name_is_meant_the_xml_says(voc, make_boxes):
    other = voc.photograph("p").with_suffix(".png")
    write_photograph(other, 6, 8)
    with pytest.raises(
        InputError, match=r"p\.xml: its photograph may be .*p\.jpg or p\.png; write which one as its <fi"
    ):
        make_boxes(voc.settings)
    voc.xml("p").write_text(voc.xml("p").read_text().replace("<size>", "<filename>a\\p.png</filename><size>"))
    assert BoxTable([make_boxes(voc.settings)]).images[0].path == str(other)


@pytest.mark.parametrize("change", [None, "photograph", "box", "fraction"])
def test_photographs_that_were_moved_keep_the_digest_of_their_boxes(voc, make_boxes, change):
    voc.list.write_text("p\n")
    path = make_boxes(voc.settings)
    before = kept_digest(path)
    shutil.move(voc.root, voc.root.with_name("moved"))
    moved = VocFiles(voc.root.with_name("moved"))
    if change == "photograph":
        moved.photograph("p").write_bytes(moved.photograph("p").read_bytes() + b"\0")
    if change == "box":
        moved.xml("p").write_text(moved.xml("p").read_text().replace("<xmax>5<", "<xmax>6<"))
    if change == "fraction":
        moved.list.write_text("p\nq\n")
    assert make_boxes(voc.settings | {"root": str(moved.root)}) == path
    assert (kept_digest(path) == before) == (change is None)
    assert BoxTable([path]).images[0].path.startswith(str(moved.root))


def without_classes(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        del file.attrs["classes"]


@pytest.mark.parametrize("damage", [without_classes, lambda path: path.write_bytes(path.read_bytes()[:2000])])
def test_boxes_that_were_damaged_are_read_again(voc, make_boxes, damage):
    before = kept_digest(path := make_boxes(voc.settings))
    damage(path)
    shutil.move(voc.root, voc.root.with_name("moved"))
    make_boxes(voc.settings | {"root": str(voc.root.with_name("moved"))})
    assert kept_digest(path) != before and len(BoxTable([path]).images) == 1


def test_missing_photograph_is_refused(voc, make_boxes):
    voc.photograph("p").unlink()
    with pytest.raises(InputError, match=r"JPEGImages/p does not exist with any ending of a photograph \(\.jpg, "):
        make_boxes(voc.settings)


def test_truncated_photograph_is_refused(coco, make_boxes):
    path = coco.images / "one.jpg"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match=r"one\.jpg cannot be read \(.+\); replace the file") as refusal:
        make_boxes(coco.settings)
    assert refusal.value.permission == "skip_unreadable"


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float32])
def test_photograph_of_more_than_8_bits_is_refused_or_skipped(coco, make_boxes, dtype):
    deep = Image.fromarray(np.full((6, 8), 3000, dtype=dtype))
    deep.save(coco.images / "one.jpg", format="TIFF")
    message = r"one\.jpg has pixels of more than 8 bits \(mode .+\); convert it to 8-bit"
    with pytest.raises(InputError, match=message) as refusal:
        make_boxes(coco.settings)
    assert refusal.value.permission == "skip_unreadable"
    assert BoxTable([make_boxes(coco.settings, skip_unreadable=True)]).names == ["tiny/sub/two"]


def test_photograph_that_is_too_large_for_pillow_is_refused_or_skipped(coco, make_boxes, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 20)  # Pillow refuses more than twice that
    with pytest.raises(InputError, match=r"one\.jpg cannot be read \(Image size .+\)") as refusal:
        make_boxes(coco.settings)
    assert refusal.value.permission == "skip_unreadable"
    assert BoxTable([make_boxes(coco.settings, skip_unreadable=True)]).names == ["tiny/sub/two"]


def test_a_photograph_that_is_listed_twice_is_refused(voc, make_boxes):
    voc.list.write_text("p\nq\np\nq\nq\n")
    with pytest.raises(InputError, match=r"2 faults, .* 3 photographs are called 'q' .*; each must be named once"):
        make_boxes(voc.settings)


def test_photograph_of_another_size_is_refused(coco, make_boxes):
    Image.new("RGB", (6, 8)).save(coco.images / "one.jpg")
    message = r"one\.jpg is 6×8 pixels but .*instances\.json, image 11 says 8×6; mend the annotation$"
    with pytest.raises(InputError, match=message) as refusal:
        make_boxes(coco.settings)
    assert refusal.value.permission == "skip_unreadable"


@pytest.mark.parametrize("processes", [1, 3])
def test_skipped_photographs_are_listed_with_the_reason(coco, tmp_path, caplog, processes):
    (coco.images / "one.jpg").unlink()
    path = tmp_path / "boxes.h5"
    with caplog.at_level(logging.INFO):
        job = Job(path, processes=processes)
        extract_boxes(coco.settings, dataset="tiny", allow=Permissions(skip_unreadable=True), job=job)
    assert [image.name for image in BoxTable([path]).images] == ["tiny/sub/two"]
    with open_file(path) as file:
        skipped = dict(zip(read_strings(file, "skipped/name"), read_strings(file, "skipped/reason"), strict=True))
    assert list(skipped) == ["one", "three"]
    assert skipped["one"].endswith("one.jpg does not exist; put the file there or take it off the list")
    assert "1 photographs without a box left out, 1 unreadable skipped" in caplog.text


def test_a_photograph_without_a_box_may_be_missing(coco, make_boxes):
    (coco.images / "three.jpg").unlink()
    assert [image.name for image in BoxTable([make_boxes(coco.settings)]).images] == ["tiny/one", "tiny/sub/two"]


def test_bad_box_of_a_dataset_is_refused_or_clipped(coco, make_boxes):
    coco.change(107, bbox=[3, 2, 4, 2])
    with pytest.raises(InputError, match=r"image 12: the box of object 107 \(kite, .*\) leaves its ") as refusal:
        make_boxes(coco.settings)
    assert refusal.value.permission == "clip_boxes"
    table = BoxTable([make_boxes(coco.settings, clip_boxes=True)])
    assert table["tiny/sub/two"].boxes.tolist() == [[3, 2, 5, 4]]


def test_dataset_without_a_box_is_refused(voc, make_boxes):
    voc.list.write_text("q\n")
    with pytest.raises(InputError, match=r"datasets\.tiny: no photograph has a box of a kept class; look at cl"):
        make_boxes(voc.settings)


def test_fraction_is_random_ordered_and_nested():
    names = [f"{index:02d}" for index in range(40)]
    quarter, half = choose_fraction(names, 0.25, 1), choose_fraction(names, 0.5, 1)
    assert (len(quarter), len(half), len(choose_fraction(names, 0.001, 1))) == (10, 20, 1)
    assert set(quarter) < set(half)
    assert half == sorted(half) and half != names[:20]
    assert half == choose_fraction(names, 0.5, 1) != choose_fraction(names, 0.5, 2)
    assert choose_fraction(names, 1.0, 1) == names


def test_fraction_of_a_dataset_is_read(coco, make_boxes):
    sets = set()
    for seed in range(6):
        path = make_boxes({**coco.settings, "fraction": 0.67}, seed=seed)
        with open_file(path) as file:
            seen = [*(image.name for image in BoxTable([path]).images), *read_strings(file, "skipped/name")]
        assert len(seen) == 2
        sets.add(tuple(seen))
    assert len(sets) > 1
