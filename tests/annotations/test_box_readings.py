"""Boxes whose numbers mean something else than their format says."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import photograph_of

from lpg.annotations.box_readings import refuse_misread, refuse_relative
from lpg.errors import InputError
from lpg.photograph import Photograph

NAN = float("nan")


def annotated(*boxes: list[float]) -> Photograph:
    """Boxes of three classes, as an annotation has them."""
    return photograph_of(6, 8, boxes, range(1, len(boxes) + 1))


@pytest.mark.parametrize(
    ("boxes", "relative"),
    [
        ([[0.1, 0.2, 0.5, 0.9], [0, 0, 1, 1]], True),
        ([[3.2, 4.1, 3.9, 4.3], [5, 5, 5.5, 5.5]], True),
        ([[0.1, 0.2, 0.5, 0.9], [2, 2, 4, 3]], False),
        ([[0.1, 0.2, 0.5, 0.9], [NAN, 2, 4, 3]], True),
        ([[0, 0, 1, 6]], False),
        ([], False),
    ],
)
def test_boxes_in_parts_of_the_sides_are_refused(boxes, relative):
    photographs = [annotated(box) for box in boxes]
    if not relative:
        refuse_relative(photographs, "datasets.d")
        return
    with pytest.raises(InputError, match=r"^datasets\.d: every box is smaller than a pixel, so coordinates are parts"):
        refuse_relative(photographs, "datasets.d")


def test_a_box_whose_corners_are_exchanged_is_no_part_of_a_pixel():
    refuse_relative([annotated([7, 1, 2, 4])], "datasets.tiny")


@pytest.mark.parametrize(
    ("edge", "side", "warned"), [(98, 384, True), (98, 99, False), (80, 384, False), (101, 384, False)]
)
def test_per_cent_are_told(caplog, edge, side, warned):
    photographs = [photograph_of(384, side, [[10, 20, edge, 60]], [1])] * 3
    refuse_relative(photographs, "datasets.d")
    assert [line.split(": ")[1][:40] for line in caplog.messages] == [
        "no box reaches beyond 100 pixels, in pho"
    ] * warned


def test_corners_in_place_of_width_and_height_are_not_cut(caplog):
    """x0 y0 x1 y1 of 3 2 7 5, 4 1 8 6 and 1 1 5 4, which COCO's reader takes for x y width height."""
    wrong = [annotated([3, 2, 10, 7], [4, 1, 12, 7]), annotated([1, 1, 6, 5])]
    with pytest.raises(InputError, match=r"2 of 3 boxes leave their photograph, and none does as x0 y0 x1 y1; write"):
        refuse_misread(wrong, "datasets.tiny", "coco", "sides")
    refuse_misread([wrong[1]] * 3, "datasets.tiny", "coco", "sides")  # none leaves
    assert not caplog.messages
    refuse_misread([wrong[0], *[wrong[1]] * 9], "datasets.tiny", "coco", "sides")
    (said,) = caplog.messages
    assert "boxes leave their photograph, and none would as x0 y0 x1 y1" in said
    refuse_misread([wrong[0]], "datasets.tiny", "coco", "sides")  # two are too few to tell
    refuse_misread(
        [*wrong, annotated([5, 5, 8, 6])], "datasets.tiny", "coco", "sides"
    )  # as corners this one ends before it begins


def test_corners_in_place_of_sides_are_known_though_a_tool_has_rounded_them():
    """COCO rounds to hundredths: 4.01 + 3.99 may be 8.01 in a photograph of 8 pixels."""
    boxes = [[4.01, 1, 4.01 + 8.01, 1 + 3], [5, 2, 5 + 7, 2 + 5], [3, 3, 3 + 6, 3 + 6]]
    with pytest.raises(InputError, match="3 of 3 boxes leave their photograph, and none does as x0 y0 x1 y1"):
        refuse_misread([annotated(box) for box in boxes], "datasets.d", "coco", "sides")


def test_boxes_that_are_read_with_exchanged_axes_or_in_the_wrong_form_are_not_cut(caplog):
    """Three boxes in a photograph of 60 × 30 pixels, and what each mistake makes of them."""
    true = np.array([[40, 2, 58, 20], [35, 5, 55, 28], [2, 3, 50, 10]], dtype=np.float32)
    true = np.tile(true, (4, 1))
    image = photograph_of(30, 60, true, [1] * len(true))
    assert not refuse_misread([image], "datasets.d", "csv", "corners")
    swapped = replace(image, boxes=true[:, [1, 0, 3, 2]])
    for name, form in (("csv", "corners"), ("coco", "sides"), ("yolo", "centre"), ("labelme", "corners")):
        with pytest.raises(InputError, match="12 of 12 boxes leave their photograph, and none does with x and y exch"):
            refuse_misread([swapped], "datasets.d", name, form)
    start, size = true[:, :2], true[:, 2:] - true[:, :2]
    sides = replace(image, boxes=np.hstack([start, size]))  # x y width height, read as corners
    with pytest.raises(InputError, match="none does as x y width height; call the columns x, y, w, h, in a header"):
        refuse_misread([sides], "datasets.d", "csv", "corners")
    boxes = np.vstack([sides.boxes, sides.boxes, np.tile([0, 0, 9, 9], (9, 1))])  # four of them end before they begin
    several = photograph_of(30, 60, boxes, [1] * len(boxes))
    with pytest.raises(InputError, match="16 of 33 boxes leave their photograph, and none does as x y width height"):
        refuse_misread([several], "datasets.d", "csv", "corners")
    centred = replace(image, boxes=np.hstack([start - true[:, 2:] / 2, start + true[:, 2:] / 2]))
    with pytest.raises(
        InputError,
        match="none does as x0 y0 x1 y1; write every box as the format's x y width h",
    ):
        refuse_misread([centred], "datasets.d", "yolo", "centre")
    corners = replace(image, boxes=np.hstack([start, start + true[:, 2:]]))  # x0 y0 x1 y1, read as sides
    with pytest.raises(InputError, match="none does as x0 y0 x1 y1; call the columns xmin, ymin, xmax, ymax, in a hea"):
        refuse_misread([corners], "datasets.d", "csv", "sides")
    from_centre = replace(image, boxes=true + np.hstack([size, size]) / 2)  # cx cy width height, read as sides
    with pytest.raises(InputError, match="none does as x y width height with x and y those of the centre; write every"):
        refuse_misread([from_centre], "datasets.d", "coco", "sides")
    from_corner = replace(image, boxes=true - np.hstack([size, size]) / 2)  # x y width height, read as from the centre
    with pytest.raises(InputError, match="none does as x y width height; call the columns x, y, w, h, in a header"):
        refuse_misread([from_corner], "datasets.d", "csv", "centre")
    either = photograph_of(100, 100, np.tile([[50, 60, 30, 20]], (12, 1)), [1] * 12)  # read as corners
    with pytest.raises(InputError, match="x, y, w, h, in a header or call the columns cx, cy, w, h, in a"):
        refuse_misread([either], "datasets.d", "csv", "corners")
    few = replace(from_corner, boxes=from_corner.boxes[:4], class_ids=from_corner.class_ids[:4])
    assert refuse_misread([few], "datasets.d", "csv", "centre"), "by chance they may lie so"
    assert not [line for line in caplog.messages if "none would" not in line]


def test_where_no_reading_fits_it_is_known_that_most_leave():
    inside, outside = [1, 1, 5, 4], [-3, 2, 9, 9]
    assert refuse_misread([annotated(outside, outside, inside)], "datasets.d", "csv", "corners")
    assert not refuse_misread([annotated(outside, inside, inside)], "datasets.d", "csv", "corners")
    assert not refuse_misread([annotated(outside, outside)], "datasets.d", "csv", "corners")  # two are too few to tell
