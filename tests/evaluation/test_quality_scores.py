"""Whether risk and score are right, against pairs counted one by one."""

import csv
import math

import numpy as np
import pytest
from conftest import photograph_of
from PIL import Image

from lpg.errors import InputError
from lpg.evaluation.calibration import Calibration
from lpg.evaluation.quality import rate_masks
from lpg.evaluation.quality_scores import area_under_curve, score_risk
from lpg.files.boxes import write_boxes
from lpg.files.ground_truth import write_ground_truth
from lpg.files.pseudo_masks import write_pseudo_masks


@pytest.mark.parametrize("seed", range(3))
def test_the_area_is_the_chance_of_a_pair_in_the_right_order(seed):
    rng = np.random.default_rng(seed)
    risks, bad = rng.integers(0, 6, 40) / 5, rng.random(40) < 0.3
    pairs = [(one > other) + (one == other) / 2 for one in risks[bad] for other in risks[~bad]]
    assert area_under_curve(risks, bad) == pytest.approx(np.mean(pairs))


def test_without_a_bad_mask_there_is_no_area():
    assert math.isnan(area_under_curve(np.ones(3), np.zeros(3, dtype=bool)))


@pytest.fixture
def files(tmp_path):
    """Four cats of two rows, one without a true mask: the less sure of a mask, the less of it is right."""
    boxes = [[0, 2 * row, 8, 2 * row + 2] for row in range(4)]
    image = photograph_of(8, 8, boxes, [1] * 4, name="a")
    write_boxes([image], ["cat"], path=tmp_path / "boxes.h5", dataset="d")
    true = np.zeros((4, 8, 8), dtype=np.uint8)
    for own, row, columns in zip(true, range(4), (8, 6, 2, 0), strict=True):
        own[2 * row : 2 * row + 2, :columns] = 1
    write_ground_truth(tmp_path / "masks.h5", ("background", "cat"), [("d/a", true.max(axis=0), list(true))])
    soft = [np.full((2, 8), value, dtype=np.uint8) for value in (250, 220, 150, 254)]
    labels = np.zeros((8, 8), dtype=np.uint8)
    named = [photograph_of(8, 8, boxes, [1] * 4, name="d/a")]
    write_pseudo_masks(tmp_path / "pseudo.h5", ("background", "cat"), named, [(labels, labels[None], soft)])
    return tmp_path


def test_the_risk_is_scored_over_objects_that_have_a_true_mask(files, tmp_path):
    Calibration().save(files / "calibration.json")
    quality = tmp_path / "quality.tsv"
    plain = {"boxes": files / "boxes.h5", "pseudo_masks": files / "pseudo.h5"}
    truth = {"boxes": [files / "boxes.h5"], "truth": [files / "masks.h5"], "masks": [files / "pseudo.h5"]}
    for calibration in (None, files / "calibration.json"):
        rate_masks(**plain, calibration=calibration, path=quality)
        score_risk(quality=[quality], **truth, path=tmp_path / "risk.tsv", picture=tmp_path / "reliability.png")
        (row,) = csv.DictReader((tmp_path / "risk.tsv").read_text().splitlines(), delimiter="\t")
        assert row.pop("calibration_error") == "" if calibration is None else "0." in row.pop("calibration_error")
        assert row.pop("scored") == ("0" if calibration is None else "3")
        assert row.pop("fitted_here") == "", "nobody says by which calibration"
        assert row == {"split": "d", "objects": "3", "bad": "1", "spearman": "1.000", "auc": "1.000"}
        assert Image.open(tmp_path / "reliability.png").size[0] > 200


def test_masks_and_risks_of_some_photographs_only_are_refused(files, tmp_path):
    quality = tmp_path / "quality.tsv"
    rate_masks(boxes=files / "boxes.h5", pseudo_masks=files / "pseudo.h5", path=quality)
    head, *rows = quality.read_text().splitlines(keepends=True)
    quality.write_text("".join([head, *rows[1:]]))
    given = {"quality": [quality], "boxes": [files / "boxes.h5"], "truth": [files / "masks.h5"]}
    with pytest.raises(
        InputError, match=r"the quality\.tsv has no row for box 0 of d/a; make it again from these masks"
    ):
        score_risk(**given, masks=[files / "pseudo.h5"], path=tmp_path / "risk.tsv")
    other = [photograph_of(8, 8, [[0, 0, 8, 2]], [1], name="d/b")]
    labels = np.zeros((8, 8), dtype=np.uint8)
    write_pseudo_masks(tmp_path / "other.h5", ("background", "cat"), other, [(labels, labels[None], [labels[:2]])])
    with pytest.raises(
        InputError, match=r"other\.h5 has other masks than d/a has boxes; give the file that was made from"
    ):
        score_risk(**given, masks=[tmp_path / "other.h5"], path=tmp_path / "risk.tsv")


@pytest.mark.parametrize(("datasets", "said"), [(["d", "e"], "yes"), (["e"], "no")])
def test_an_error_on_the_photographs_of_the_calibration_is_said_to_be_such(files, tmp_path, datasets, said):
    calibration, quality = files / "calibration.json", tmp_path / "quality.tsv"
    Calibration(provenance={"datasets": datasets}).save(calibration)
    rate_masks(boxes=files / "boxes.h5", pseudo_masks=files / "pseudo.h5", calibration=calibration, path=quality)
    truth = {"boxes": [files / "boxes.h5"], "truth": [files / "masks.h5"], "masks": [files / "pseudo.h5"]}
    score_risk(quality=[quality], **truth, path=tmp_path / "risk.tsv", calibration=calibration)
    (row,) = csv.DictReader((tmp_path / "risk.tsv").read_text().splitlines(), delimiter="\t")
    assert row["fitted_here"] == said and row["calibration_error"]


def test_one_mask_without_a_score_leaves_the_others_theirs(files, tmp_path, monkeypatch):
    """Of the three cats with a true mask, whose IoU is 1, 3/4 and 1/4, two have a score, 0.9 and 0.65."""
    quality, drawn = tmp_path / "quality.tsv", []
    rows = [f"d/a\t{box}\t{score}\t{risk}" for box, (score, risk) in enumerate([(0.9, 0), (0.65, 0.2), ("", 0.5)])]
    quality.write_text("\n".join(["image\tbox\tscore\trisk", *rows]) + "\n")
    truth = {"boxes": [files / "boxes.h5"], "truth": [files / "masks.h5"], "masks": [files / "pseudo.h5"]}
    monkeypatch.setattr("lpg.evaluation.quality_scores.plot_reliability", lambda curves, path: drawn.append(curves))
    score_risk(quality=[quality], **truth, path=tmp_path / "risk.tsv", picture=tmp_path / "reliability.png")
    (row,) = csv.DictReader((tmp_path / "risk.tsv").read_text().splitlines(), delimiter="\t")
    assert (row["objects"], row["scored"], row["calibration_error"]) == ("3", "2", "0.100")
    what, predicted, ious = drawn[0]["d"]
    assert (what, predicted.tolist(), ious.tolist()) == ("predicted IoU", [0.9, 0.65], [1, 0.75])
    quality.write_text(quality.read_text().replace("\t0.9\t", "\t\t").replace("\t0.65\t", "\t\t"))
    score_risk(quality=[quality], **truth, path=tmp_path / "risk.tsv", picture=tmp_path / "reliability.png")
    what, predicted, ious = drawn[1]["d"]
    assert (what, predicted.tolist(), len(ious)) == ("1 \u2212 risk", [1, 0.8, 0.5], 3), (
        "no prediction, and not called one"
    )
