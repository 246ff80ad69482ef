"""Masks and the boxes that they were made from, told from others of the same shape."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import photograph_of

from lpg.errors import InputError
from lpg.files.belonging import check_belonging
from lpg.files.boxes import write_boxes
from lpg.files.pseudo_masks import write_pseudo_masks

IMAGE = photograph_of(2, 4, [[0, 0, 2, 2], [2, 0, 4, 2]], [1, 2], name="a")


@pytest.fixture
def masks(tmp_path) -> Path:
    """Of a potted plant called 1 and a bed called 2, in the class table of a run that has seen more classes."""
    image, path = replace(IMAGE, name="d/a", class_ids=np.array([3, 1])), tmp_path / "pseudo_masks.h5"
    soft = np.zeros((2, 4), np.uint8), np.zeros((2, 2, 4), np.uint8), [np.zeros((2, 2), np.uint8)] * 2
    write_pseudo_masks(path, ("background", "bed", "kite", "pottedplant"), [image], [soft])
    return path


def boxes(folder: Path, images=(IMAGE,), classes=("potted plant", "bed"), dataset: str = "d") -> Path:
    path = folder / "boxes.h5"
    write_boxes(images, classes, path=path, dataset=dataset)
    return path


def test_masks_belong_to_the_boxes_that_they_were_made_from(masks, tmp_path):
    check_belonging(masks, boxes(tmp_path))
    check_belonging(masks, boxes(tmp_path, [IMAGE, replace(IMAGE, name="b")]))  # a shard has some photographs alone


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"classes": ("sofa", "bed")}, "on d/a it has bed, sofa, not bed, pottedplant"),
        ({"images": [replace(IMAGE, object_ids=[1, 3])]}, "of d/a it has the objects 1, 3, not 1, 2"),
        ({"images": [replace(IMAGE, name="b")]}, "d/a is not in it"),
        ({"dataset": "e"}, "d/a is not in it"),
    ],
)
def test_masks_of_other_boxes_are_refused(masks, tmp_path, other, said):
    given = boxes(tmp_path, **other)
    with pytest.raises(InputError) as refused:
        check_belonging(masks, given)
    assert str(refused.value) == (
        f"{masks} was made from other boxes than those in {given}: {said}; give the boxes.h5 that it was made from"
    )
