"""Scores of single objects, over masks that one can see."""

import numpy as np
import pandas as pd
import pytest
from conftest import photograph_of

from lpg.errors import InputError
from lpg.evaluation.objects import confidence, score_objects, size_of
from lpg.files.boxes import write_boxes
from lpg.files.ground_truth import write_ground_truth
from lpg.files.pseudo_masks import write_pseudo_masks
from lpg.pixels.shapes import mask_iou


@pytest.fixture(params=[("cat", "dog")])
def files(request, tmp_path):
    """A cat of 4 × 4 pixels, half of it found; a large dog, all of it; and a dog without a mask in the ground truth."""
    names = request.param
    boxes = [[0, 0, 4, 4], [0, 0, 120, 100], [0, 0, 9, 9]]
    image = photograph_of(100, 120, boxes, [1, 2, 2], name="a", path=tmp_path / "a.png")
    write_boxes([image], names, path=tmp_path / "boxes.h5", dataset="d")
    cat, dog = np.zeros((2, 100, 120), dtype=np.uint8)
    cat[:4, :4], dog[:, :] = 1, 1
    labels = np.full((100, 120), 2, dtype=np.uint8)
    labels[:, 110:] = 255  # there nobody is asked
    truth = [("d/a", labels, [cat, dog, np.zeros_like(cat)])]
    write_ground_truth(tmp_path / "masks.h5", ("background", *names), truth)
    halves = np.full((4, 4), 255, dtype=np.uint8)
    halves[:2] = 127  # not above one half
    whole = np.full((100, 120), 128, dtype=np.uint8)
    whole[:, 110:] = 0
    masks = [(labels, np.zeros((2, 100, 120), np.uint8), [halves, whole, np.zeros((9, 9), np.uint8)])]
    named = [photograph_of(100, 120, boxes, [1, 2, 2], name="d/a")]
    write_pseudo_masks(tmp_path / "pseudo.h5", ("background", *names), named, masks)
    return {"boxes": [tmp_path / "boxes.h5"], "truth": [tmp_path / "masks.h5"], "masks": [tmp_path / "pseudo.h5"]}


def test_objects_are_scored_by_dataset_size_and_class(files, tmp_path):
    score_objects(**files, path=tmp_path / "objects.tsv")
    table = pd.read_csv(tmp_path / "objects.tsv", sep="\t").set_index("of")
    assert set(table["split"]) == {"d"}
    assert table["objects"].to_dict() == {"all": 2, "small": 1, "large": 1, "cat": 1, "dog": 1}
    assert table["iou"].to_dict() == {"all": 75, "small": 50, "large": 100, "cat": 50, "dog": 100}
    assert table["above_50"].to_dict() == {"all": 50, "small": 0, "large": 100, "cat": 0, "dog": 100}
    assert table["above_75"].to_dict() == {"all": 50, "small": 0, "large": 100, "cat": 0, "dog": 100}
    # Of photographs with a diagonal of 156 pixels rims are 3 wide: the whole cat, and the half of it that was found.
    assert table["boundary_iou"].to_dict() == {"all": 75, "small": 50, "large": 100, "cat": 50, "dog": 100}
    # An IoU of exactly one half is enough for the first of ten thresholds.
    assert table["ap"].to_dict() == {"all": 55, "small": 10, "large": 100, "cat": 10, "dog": 100}
    assert table["ap_50"].to_dict() == {"all": 100, "small": 100, "large": 100, "cat": 100, "dog": 100}
    assert table["ap_75"].to_dict() == {"all": 50, "small": 0, "large": 100, "cat": 0, "dog": 100}
    assert table["boundary_ap"].to_dict() == {"all": 55, "small": 10, "large": 100, "cat": 10, "dog": 100}


@pytest.mark.parametrize("files", [("all", "small")], indirect=True)
def test_classes_that_are_called_as_sizes_have_rows_of_their_own(files, tmp_path):
    score_objects(**files, path=tmp_path / "objects.tsv")
    table = pd.read_csv(tmp_path / "objects.tsv", sep="\t").set_index("of")
    assert table["iou"].to_dict() == {"all": 75, "small": 50, "large": 100, "class all": 50, "class small": 100}


@pytest.fixture
def ranked(tmp_path):
    """Two cats on a photograph, one found and one missed, whose mask is somewhere else and surer of itself."""
    boxes = [[0, 0, 4, 4], [8, 0, 16, 8]]
    image = photograph_of(20, 20, boxes, [1, 1], name="a", path=tmp_path / "a.png")
    write_boxes([image], ["cat"], path=tmp_path / "boxes.h5", dataset="d")
    cats = np.zeros((2, 20, 20), dtype=np.uint8)
    cats[0, :4, :4], cats[1, :8, 8:12] = 1, 1
    write_ground_truth(tmp_path / "masks.h5", ("background", "cat"), [("d/a", cats.max(axis=0), list(cats))])
    wrong = np.zeros((8, 8), np.uint8)
    wrong[:, 4:] = 255
    found = [(cats[0], np.zeros((1, 20, 20), np.uint8), [np.full((4, 4), 200, np.uint8), wrong])]
    write_pseudo_masks(
        tmp_path / "pseudo.h5", ("background", "cat"), [photograph_of(20, 20, boxes, [1, 1], name="d/a")], found
    )
    return {"boxes": [tmp_path / "boxes.h5"], "truth": [tmp_path / "masks.h5"], "masks": [tmp_path / "pseudo.h5"]}


HALF = 100 * 51 / 101  # precision 1 up to a recall of one half


@pytest.mark.parametrize(
    ("scores", "risks", "ap"),
    [(None, None, HALF / 2), ((0.9, 0.1), (1, 0), HALF), ((0.1, 0.9), (0, 1), HALF / 2), (("", 0.9), (0, 1), HALF)],
    ids=["its own confidence", "predicted IoU", "the same swapped", "risk where that is not known"],
)
def test_masks_are_ranked_by_what_is_known_of_them(ranked, tmp_path, scores, risks, ap):
    quality = []
    if scores:
        rows = [f"d/a\t{box}\t{score}\t{risk}" for box, (score, risk) in enumerate(zip(scores, risks, strict=True))]
        (tmp_path / "quality.tsv").write_text("\n".join(["image\tbox\tscore\trisk", *rows]) + "\n")
        quality = [tmp_path / "quality.tsv"]
    score_objects(**ranked, path=tmp_path / "objects.tsv", quality=quality)
    table = pd.read_csv(tmp_path / "objects.tsv", sep="\t").set_index("of")
    assert table.loc["cat", "ap"] == pytest.approx(ap, abs=0.05)


def test_a_quality_of_other_masks_is_refused(ranked, tmp_path):
    (tmp_path / "quality.tsv").write_text("image\tbox\tscore\trisk\nd/a\t0\t0.5\t0.5\n")
    with pytest.raises(InputError, match=r"has no row for box 1 of d/a; make it again from these masks"):
        score_objects(**ranked, path=tmp_path / "objects.tsv", quality=[tmp_path / "quality.tsv"])


def test_confidence_is_the_mean_of_what_is_called_object():
    assert confidence(np.array([[0, 127, 153, 255]], np.uint8)) == pytest.approx(0.8)
    assert confidence(np.zeros((2, 2), np.uint8)) == 0


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
