"""Where boxes, outlines and objects lie, whatever the format, and what of a dataset is left out."""

import numpy as np
import pytest
from conftest import photograph_of, write_photograph

from lpg.annotations.comma_separated import csv_annotations
from lpg.annotations.csv_columns import Columns
from lpg.annotations.exporters.annotated import Annotated
from lpg.annotations.outlines import turned
from lpg.annotations.yolo import yolo_annotations
from lpg.files.boxes import BoxTable


def test_boxes_of_excluded_classes_are_known_whatever_the_format(tmp_path):
    """In them a generator is taught nothing: as background they would teach it that their objects are none."""
    write_photograph(tmp_path / "images" / "a.png", 20, 40)
    (tmp_path / "b.csv").write_text("image,xmin,ymin,xmax,ymax,class\na.png,1,2,11,8,cat\na.png,20,4,30,18,dog\n")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "a.txt").write_text("0 0.15 0.25 0.25 0.3\n1 0.625 0.55 0.25 0.7\n")
    own = {"images": str(tmp_path / "images"), "exclude": ["dog"]}
    for reader in (
        csv_annotations(annotations=str(tmp_path / "b.csv"), **own),
        yolo_annotations(annotations=str(tmp_path / "labels"), class_names=["cat", "dog"], **own),
    ):
        photograph = reader.record("a")
        assert reader.class_names == ["cat"] and photograph.boxes.tolist() == [[1, 2, 11, 8]]
        assert photograph.excluded.tolist() == [[20, 4, 30, 18]]


def test_a_sixth_of_a_turn_is_no_shear():
    right, down = turned(np.array([(14.0, 5), (4, 15)]), (4, 5), 30)[:2], turned(np.array([(4.0, 15)]), (4, 5), 30)
    assert right == pytest.approx([4 + 10 * 0.75**0.5, 10]) and down == pytest.approx([-1, 5 + 10 * 0.75**0.5])


def test_the_sides_of_a_centred_box_are_width_and_height():
    assert Columns(0, 5, (1, 2, 3, 4), form="centre").edges([10, 20, 4, 6]) == (8, 17, 12, 23)
    assert Columns(0, 5, (1, 2, 3, 4), form="sides").edges([10, 20, 4, 6]) == (10, 20, 14, 26)


def test_photographs_are_told_by_their_own_bytes_where_others_are_left_out(voc, make_boxes):
    voc.list.write_text("q\np\n")  # the first has no box of a kept class
    table = BoxTable([make_boxes(voc.settings)])
    assert table.names == ["tiny/p"] and table.as_read()


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_of_objects_that_meet_the_smaller_has_the_pixel(order):
    boxes = np.array([[0, 0, 4, 2], [1, 0, 3, 1]])[order]
    masks = [np.ones((y1 - y0, x1 - x0), dtype=bool) for x0, y0, x1, y1 in boxes]
    large, small = order.index(0) + 1, order.index(1) + 1
    photograph, labels = photograph_of(2, 5, boxes, [1, 1]), np.ones((2, 5), dtype=np.uint8)
    found = Annotated(photograph, masks, labels).objects()
    assert found.tolist() == [[large, small, small, large, 0], [large] * 4 + [0]]


def test_of_objects_of_two_classes_that_meet_the_one_of_the_pixels_class_has_it():
    boxes, labels = np.array([[0, 0, 4, 1], [1, 0, 3, 1]]), np.array([[1, 1, 2, 0]], dtype=np.uint8)
    masks = [np.ones((1, 4), dtype=bool), np.ones((1, 2), dtype=bool)]
    assert Annotated(photograph_of(1, 4, boxes, [1, 2]), masks, labels).objects().tolist() == [[1, 1, 2, 0]]
