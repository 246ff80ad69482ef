"""Which pixels boxes are of, where photographs have an EXIF orientation."""

import logging
from dataclasses import replace

import numpy as np
import pytest
from conftest import photograph_of
from PIL import Image

from lpg.annotations.orientation import Pixels, settle
from lpg.errors import InputError
from lpg.files.boxes import BoxTable
from lpg.files.ground_truth import InstanceMasks
from lpg.files.hdf5 import open_file
from lpg.files.label_maps import LabelMaps
from lpg.jobs.provenance import content_digest
from lpg.photograph import Photograph


def stated(height: int, width: int) -> Photograph:
    return replace(photograph_of(height, width, [[0, 0, 1, 1]], [1]), source="a.json")


# Stated size, and what the file says: stored 6×8, with an orientation.
STORED, UPRIGHT = (stated(6, 8), Pixels(6, 8, 6)), (stated(8, 6), Pixels(6, 8, 6))
TURNED, SQUARE, UNSTATED = (
    (stated(6, 8), Pixels(6, 8, 3)),
    (stated(6, 6), Pixels(6, 6, 8)),
    (stated(0, 0), Pixels(6, 8, 6)),
)
PLAIN, PLAIN_UNSTATED = (stated(6, 8), Pixels(6, 8)), (stated(0, 0), Pixels(6, 8))


@pytest.mark.parametrize(
    ("photographs", "choice", "expected"),
    [
        ([PLAIN, PLAIN_UNSTATED], None, [(6, 8, False)] * 2),
        ([PLAIN], "upright", [(6, 8, False)]),
        ([STORED, UPRIGHT, PLAIN], None, [(6, 8, False), (8, 6, True), (6, 8, False)]),
        ([TURNED, UPRIGHT, SQUARE, UNSTATED], None, [(6, 8, True), (8, 6, True), (6, 6, True), (8, 6, True)]),
        ([TURNED, STORED, SQUARE, UNSTATED], None, [(6, 8, False), (6, 8, False), (6, 6, False), (6, 8, False)]),
        ([TURNED, UNSTATED], "upright", [(6, 8, True), (8, 6, True)]),
        ([TURNED, UNSTATED], "stored", [(6, 8, False), (6, 8, False)]),
        ([TURNED, STORED, UPRIGHT], "upright", [(6, 8, True), (6, 8, False), (8, 6, True)]),
    ],
)
def test_sizes_tell_then_the_configuration_then_the_other_photographs(photographs, choice, expected):
    settled = settle(photographs, choice, "datasets.d", bool)
    assert [(one.height, one.width, one.upright) for one in settled] == expected


@pytest.mark.parametrize(
    ("others", "why"), [([PLAIN], "nor does another"), ([STORED, UPRIGHT], "and the others contradict each other")]
)
def test_where_nothing_tells_the_way_out_is_named(others, why):
    with pytest.raises(InputError) as refusal:
        settle([TURNED, *others], None, "datasets.d", bool)
    assert (
        f"a.jpg is to be turned (EXIF orientation 3), and a.json does not tell whether before or after its boxes, {why}"
        in str(refusal.value)
    )
    assert "say orientation: upright (datasets.d, or --orientation) if they fit" in refusal.value.remedy


@pytest.mark.parametrize("allowed", [False, True])
def test_what_cannot_be_read_is_told_too(allowed):
    unread = InputError("b.jpg cannot be read", "replace it", permission="skip_unreadable")
    with pytest.raises(InputError, match="is to be turned") as refusal:
        settle([TURNED, PLAIN, unread], None, "datasets.d", lambda fault: allowed)
    assert ("datasets.d has 2 faults" in refusal.value.fault) != allowed


def test_another_size_is_a_fault_that_names_the_orientation():
    plain, turned = settle([(stated(5, 5), Pixels(6, 8)), (stated(5, 5), Pixels(6, 8, 6))], "stored", "d", bool)
    assert plain.fault == "a.jpg is 8×6 pixels but a.json says 5×5"
    assert turned.fault == "a.jpg is 8×6 pixels, with the EXIF orientation 6, but a.json says 5×5"
    assert plain.permission == turned.permission == "skip_unreadable"


def test_it_is_always_said(caplog):
    with caplog.at_level(logging.INFO):
        list(settle([PLAIN], None, "datasets.d", bool))
        assert not caplog.records
        list(settle([PLAIN, STORED, UPRIGHT, TURNED], "upright", "datasets.d", bool))
    assert caplog.messages == ["3 photographs have an EXIF orientation: 2 are read upright, 1 as they are stored"]


def turn(path, orientation: int) -> np.ndarray:
    """Give a photograph an EXIF orientation; its stored pixels, uint8 (H, W, 3)."""
    with Image.open(path) as image:
        exif = image.getexif()
        exif[0x0112] = orientation
        image.convert("RGB").save(path, exif=exif)
    return np.asarray(Image.open(path))


@pytest.mark.parametrize("orientation", ["upright", "stored"])
def test_a_photograph_is_read_as_its_boxes_are(coco, make_boxes, make_masks, orientation):
    stored = turn(coco.images / "one.jpg", 3)
    settings = coco.settings | {"orientation": orientation}
    boxes = make_boxes(settings)
    table = BoxTable([boxes])
    (_, pixels), *_ = table.photographs()
    assert [image.upright for image in table.images] == [orientation == "upright", False]
    assert np.array_equal(pixels, stored[::-1, ::-1] if orientation == "upright" else stored)
    masks = make_masks(settings, boxes)
    assert InstanceMasks([masks])("tiny/one", 0, 6, 8)[1:4, 1:5].all()


def test_an_upright_photograph_has_the_sides_of_its_annotation(coco, make_boxes):
    with Image.open(coco.images / "one.jpg") as image:
        lying = image.transpose(Image.Transpose.ROTATE_90)
    lying.save(coco.images / "one.jpg")
    stored = turn(coco.images / "one.jpg", 6)
    assert stored.shape == (8, 6, 3)
    table = BoxTable([make_boxes(coco.settings)])
    (image, pixels), *_ = table.photographs()
    assert (image.height, image.width, image.upright) == (6, 8, True)
    assert np.array_equal(pixels, np.rot90(stored, -1))


def test_sizes_that_are_not_stated_are_those_of_the_photographs(coco, voc, make_boxes, make_masks):
    coco.annotations.write_text(coco.annotations.read_text().replace('"height"', '"tall"'))
    voc.xml("p").write_text(voc.xml("p").read_text().replace("size", "extent"))
    for name, settings in (("first", coco.settings), ("second", voc.settings)):
        boxes = make_boxes(settings, name)
        image = BoxTable([boxes]).images[0]
        assert (image.height, image.width) == (6, 8)
        labels = LabelMaps([make_masks(settings, boxes, name)])
        assert labels[image.name].shape == (6, 8) and labels[image.name].any()


def test_a_file_of_photographs_without_an_orientation_says_nothing_of_it(coco, make_boxes):
    before = content_digest(make_boxes(coco.settings))
    with open_file(make_boxes(coco.settings | {"orientation": "upright"})) as file:
        assert "images/upright" not in file
    assert content_digest(make_boxes(coco.settings)) == before
