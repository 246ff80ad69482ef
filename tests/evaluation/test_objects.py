"""Scores of single objects, over masks that one can see."""

import numpy as np
import pandas as pd
import pytest
from conftest import photograph_of

from lpg.evaluation.objects import mask_iou, score_objects, size_of
from lpg.files.boxes import write_boxes
from lpg.files.ground_truth import write_ground_truth
from lpg.files.pseudo_masks import write_pseudo_masks


@pytest.fixture
def files(tmp_path):
    """A cat of 4 × 4 pixels, half of it found; a large dog, all of it; and a dog without a mask in the ground truth."""
    boxes = [[0, 0, 4, 4], [0, 0, 120, 100], [0, 0, 9, 9]]
    image = photograph_of(100, 120, boxes, [1, 2, 2], name="a", path=tmp_path / "a.png")
    write_boxes([image], ["cat", "dog"], path=tmp_path / "boxes.h5", dataset="d")
    cat, dog = np.zeros((2, 100, 120), dtype=np.uint8)
    cat[:4, :4], dog[:, :] = 1, 1
    labels = np.full((100, 120), 2, dtype=np.uint8)
    labels[:, 110:] = 255  # there nobody is asked
    truth = [("d/a", labels, [cat, dog, np.zeros_like(cat)])]
    write_ground_truth(tmp_path / "masks.h5", ("background", "cat", "dog"), truth)
    halves = np.full((4, 4), 255, dtype=np.uint8)
    halves[:2] = 127  # not above one half
    whole = np.full((100, 120), 128, dtype=np.uint8)
    whole[:, 110:] = 0
    masks = [(labels, np.zeros((2, 100, 120), np.uint8), [halves, whole, np.zeros((9, 9), np.uint8)])]
    named = [photograph_of(100, 120, boxes, [1, 2, 2], name="d/a")]
    write_pseudo_masks(tmp_path / "pseudo.h5", ("background", "cat", "dog"), named, masks)
    return {"boxes": [tmp_path / "boxes.h5"], "truth": [tmp_path / "masks.h5"], "masks": [tmp_path / "pseudo.h5"]}


def test_objects_are_scored_by_dataset_size_and_class(files, tmp_path):
    score_objects(**files, path=tmp_path / "objects.tsv")
    table = pd.read_csv(tmp_path / "objects.tsv", sep="\t").set_index("of")
    assert set(table["split"]) == {"d"}
    assert table["objects"].to_dict() == {"all": 2, "small": 1, "large": 1, "cat": 1, "dog": 1}
    assert table["iou"].to_dict() == {"all": 75, "small": 50, "large": 100, "cat": 50, "dog": 100}
    assert table["above_50"].to_dict() == {"all": 50, "small": 0, "large": 100, "cat": 0, "dog": 100}
    assert table["above_75"].to_dict() == {"all": 50, "small": 0, "large": 100, "cat": 0, "dog": 100}


@pytest.mark.parametrize(
    ("area", "size"), [(1, "small"), (1023, "small"), (1024, "medium"), (9215, "medium"), (9216, "large")]
)
def test_sizes_are_those_of_coco(area, size):
    assert size_of(area) == size


def test_the_iou_of_two_masks():
    one, other = np.array([[1, 1, 0]]) > 0, np.array([[0, 1, 1]]) > 0
    assert mask_iou(one, other) == pytest.approx(1 / 3)
    assert mask_iou(one, one) == 1
    assert mask_iou(one & False, one & False) == 0
