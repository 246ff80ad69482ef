"""What is rated without a ground truth, and by which calibration."""

from zipfile import ZipFile

import pytest

from lpg.generators.shipped import SHIPPED
from lpg.planning.rating import Rating


def test_masks_are_compared_with_those_of_the_stage_before(plan, target):
    rating = Rating(plan(voc=target(), cut=target(generator={"method": "grabcut"})))
    assert rating.previous_masks("voc", 1, "val") == []
    assert rating.previous_masks("voc", 3, "val") == ["results/voc/stage2/val/pseudo_masks.h5"]
    assert rating.previous_masks("cut", 3, "val") == [], "made once"


def test_a_learned_generator_is_calibrated_on_what_its_run_is_scored_on(plan, target, teacher):
    watched = teacher | {"segmenter": "twin", "evaluate": ["val", "aux"]}
    rating = Rating(plan(voc=target(), watched=watched, other=target(generator={"from": "watched"})))
    assert rating.calibrated_on("watched") == ["val"], "not on what it has learned from"
    assert rating.calibration("watched", 2) == ["results/watched/stage2/calibration.json"]
    assert rating.calibration("other", 2) == ["results/watched/stage2/calibration.json"], "of the generator"
    assert rating.calibration("voc", 2) == [], "its teacher is scored on nothing"
    assert rating.calibration_boxes("watched") == ["results/datasets/val/boxes.h5"]
    assert rating.calibration_truth("watched") == ["results/datasets/val/masks.h5"]
    assert rating.calibration_masks("watched", 2) == ["results/watched/stage2/val/pseudo_masks.h5"]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_generator_has_its_calibration_beside_it(plan, target, name):
    made = plan(voc=target(segmenter=None, generator={"shipped": name}))
    assert Rating(made).calibration("voc", 1) == [str(SHIPPED[name].calibration)]
    assert Rating(made).calibrated_on("voc") == ["val"]


def test_a_file_may_have_one_beside_it_and_a_method_has_none(plan, target, tmp_path):
    ZipFile(tmp_path / "g.pt", "w").close()  # as torch's are
    given, plain = {"file": str(tmp_path / "g.pt")}, {"method": "boxes"}
    rating = Rating(plan(voc=target(generator=given), cut=target(generator=plain)))
    assert rating.calibration("voc", 1) == rating.calibration("cut", 1) == []
    (tmp_path / "g.calibration.json").touch()
    assert rating.calibration("voc", 1) == [str(tmp_path / "g.calibration.json")]


def test_the_risk_is_scored_where_the_run_is(plan, target):
    rating = Rating(plan(voc=target(evaluate=["val", "voc"])))
    assert rating.scored_quality("voc", 1) == [f"results/voc/stage1/{name}/quality.tsv" for name in ("val", "voc")]
    assert rating.scored_masks("voc", 1) == [f"results/voc/stage1/{name}/pseudo_masks.h5" for name in ("val", "voc")]
