"""A calibration against plain references, and its file."""

import json
from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType

import numpy as np
import pytest
from conftest import photograph_of

from lpg.errors import InputError
from lpg.evaluation.calibration import Calibration
from lpg.evaluation.calibration_fitting import calibrate, expected_error, fit_knots, shares_of
from lpg.evaluation.quality import rate_masks
from lpg.evaluation.quality_features import Features
from lpg.evaluation.quality_table import read_quality
from lpg.files.boxes import write_boxes
from lpg.files.ground_truth import write_ground_truth
from lpg.files.pseudo_masks import write_pseudo_masks

CLASSES = ("background", "cat")


def rising_slowly(values: list[float]) -> list[float]:
    """Isotonic regression of equal weights: whatever falls is pooled, over and over."""
    pools = [[value] for value in values]
    while any(np.mean(one) > np.mean(other) for one, other in pairwise(pools)):
        index = next(i for i, (one, other) in enumerate(pairwise(pools)) if np.mean(one) > np.mean(other))
        pools[index : index + 2] = [pools[index] + pools[index + 1]]
    return [float(np.mean(pool)) for pool in pools for _ in pool]


@pytest.mark.parametrize("seed", range(4))
def test_knots_are_the_means_of_equal_shares_made_to_rise(seed):
    rng = np.random.default_rng(seed)
    heads = rng.permutation(240) / 240
    ious = np.clip(heads + rng.normal(0, 0.5, 240), 0, 1)
    order = np.argsort(heads)
    at, rising = fit_knots(heads, ious)
    assert (at[0], at[-1], rising[0], rising[-1]) == (0, 1, 0, 1)
    np.testing.assert_allclose(at[1:-1], heads[order].reshape(12, 20).mean(axis=1), atol=1e-4)
    means = ious[order].reshape(12, 20).mean(axis=1).tolist()
    np.testing.assert_allclose(rising[1:-1], rising_slowly(means), atol=1e-4)


def test_few_objects_give_few_knots():
    assert fit_knots(np.linspace(0, 1, 45), np.linspace(0, 1, 45))[0] == [0, 0.25, 0.7614, 1]


def test_the_calibration_error():
    predicted = np.repeat([0.2, 0.8], 10)  # two shares, for those of one prediction stay together
    assert expected_error(predicted, np.repeat([0.3, 0.8], 10)) == pytest.approx(0.05)
    assert expected_error(predicted, np.tile([0.1, 0.3], 10) + np.repeat([0, 0.6], 10)) == pytest.approx(0)


@pytest.mark.parametrize("count", [3, 10])
def test_shares_are_equal_where_all_predictions_differ(count):
    predicted = np.random.default_rng(0).permutation(47) / 47
    ordered = np.array_split(np.argsort(predicted), count)
    assert [sorted(share) for share in ordered] == [share.tolist() for share in shares_of(predicted, count)]


def test_equal_predictions_are_in_one_share_that_of_the_middle_of_them():
    predicted = np.array([0.1, 0.7, 0.7, 0.7, 0.9, 0.2])  # thirds of the order: .1 .2 | .7 .7 | .7 .9
    assert [share.tolist() for share in shares_of(predicted, 3)] == [[0, 5], [1, 2, 3], [4]]


def test_the_calibration_error_does_not_depend_on_the_order_of_the_objects():
    ious = np.random.default_rng(0).uniform(0.4, 1, 1000)
    constant, coarse = np.full(1000, 0.7), (10 * ious).round() / 10
    for predicted in (constant, coarse):
        errors = [expected_error(predicted[order], ious[order]) for order in (np.argsort(ious), np.argsort(-ious))]
        assert errors == pytest.approx([expected_error(predicted, ious)] * 2)
    assert expected_error(constant, ious) == pytest.approx(abs(ious.mean() - 0.7)), "the bias is all that is wrong"


def test_a_score_lies_on_the_line_between_two_knots():
    features = Features(100, 0.6, 0.9, True, 0.0, 1.0, 0.3, 1, 0)
    head = Calibration().head(features)
    assert Calibration().score(features) == pytest.approx(head)
    assert Calibration(heads=(head - 0.1, head + 0.1), ious=(0.2, 0.4)).score(features) == pytest.approx(0.3)
    assert Calibration(heads=(head + 0.01, 1), ious=(0.2, 0.4)).score(features) == 0.2
    assert Calibration(ious=(0.5, 1)).score(Features(**vars(features) | {"area": 0})) == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("no JSON", "is no calibration"),
        ("[]", "is no calibration"),
        ({"slope": 1}, "is no calibration"),
        ({"weights": {"surety": 1}}, "is no calibration .*its weights lack or have more: agreement, change"),
        ({"heads": [0, 1], "ious": [0.5]}, "is no calibration"),
        ({"heads": [0, 1], "ious": [0.9, 0.5]}, "knots that do not ascend"),
        (None, "cannot be read"),
    ],
)
def test_what_is_no_calibration_is_refused(tmp_path, content, message):
    path = tmp_path / "calibration.json"
    if content is not None:
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(InputError, match=message):
        Calibration.load(path)


@pytest.fixture
def dataset(tmp_path):
    """Photographs of ten cats of 4 × 4 pixels: the surer a mask the more of it is right, up to four fifths."""

    def write(photographs: int, doubt: bool = True, changed: Mapping[int, int] = MappingProxyType({})) -> dict:
        rng = np.random.default_rng(0)
        boxes = [[5 * column, 5 * row, 5 * column + 4, 5 * row + 4] for row in range(2) for column in range(5)]
        images, truth, masks = [], [], []
        for index in range(photographs):
            images.append(photograph_of(10, 25, boxes, [1] * 10, name=f"d/{index}"))
            sure = rng.integers(140, 255, 10)
            soft = [
                np.full((4, 4), changed.get(box, value if doubt else 255), dtype=np.uint8)
                for box, value in enumerate(sure)
            ]
            true = np.zeros((10, 10, 25), dtype=np.uint8)
            for own, inside, value in zip(true, images[-1].inside, sure, strict=True):
                own[inside] = np.arange(16).reshape(4, 4) < 16 * (value - 128) / 160
            truth.append((f"d/{index}", np.zeros((10, 25), np.uint8), list(true)))
            masks.append((np.zeros((10, 25), np.uint8), np.zeros((1, 10, 25), np.uint8), soft))
        plain = [photograph_of(10, 25, boxes, [1] * 10, name=str(index)) for index in range(photographs)]
        write_boxes(plain, CLASSES[1:], path=tmp_path / "boxes.h5", dataset="d")
        write_ground_truth(tmp_path / "masks.h5", CLASSES, truth)
        write_pseudo_masks(tmp_path / "pseudo.h5", CLASSES, images, masks)
        return {"boxes": [tmp_path / "boxes.h5"], "truth": [tmp_path / "masks.h5"], "masks": [tmp_path / "pseudo.h5"]}

    return write


def test_calibrating_brings_prediction_and_truth_together(dataset, tmp_path):
    (tmp_path / "generator.pt").write_bytes(b"weights")
    calibrate(**dataset(24), generator=tmp_path / "generator.pt", path=tmp_path / "calibration.json")
    made = Calibration.load(tmp_path / "calibration.json")
    assert (made.provenance["objects"], made.provenance["photographs"], made.provenance["datasets"]) == (240, 24, ["d"])
    assert made.provenance["generator"].startswith("generator.pt ")
    assert made.provenance["calibration_error_after"] < 0.05 < made.provenance["calibration_error_before"]
    assert made.ious[1] < 0.2 < 0.6 < made.ious[-2]


@pytest.mark.parametrize(
    ("photographs", "doubt", "message"),
    [
        (9, True, "90 objects with a mask that it has not learned from are too few to calibrate on (100)"),
        (10, False, "show no doubt that could be calibrated"),
    ],
)
def test_what_cannot_be_calibrated_predicts_nothing(dataset, tmp_path, caplog, photographs, doubt, message):
    files = dataset(photographs, doubt)
    calibrate(**files, path=tmp_path / "calibration.json")
    assert message in caplog.text
    made = Calibration.load(tmp_path / "calibration.json")
    rate_masks(
        boxes=files["boxes"][0],
        pseudo_masks=files["masks"][0],
        path=tmp_path / "q.tsv",
        calibration=tmp_path / "calibration.json",
    )
    assert not made.heads and {row["score"] for row in read_quality(tmp_path / "q.tsv")} == {""}


def test_a_run_that_is_scored_on_nothing_cannot_be_calibrated(tmp_path, caplog):
    calibrate(boxes=[], truth=[], masks=[], path=tmp_path / "calibration.json")
    assert "0 objects with a mask that it has not learned from are too few" in caplog.text


def test_what_no_knot_predicts_is_no_part_of_the_fit(dataset, tmp_path):
    """Of the ten cats of a photograph three have masks without a doubt, and one has none."""
    files, made = dataset(24), []
    for name, changed in (("all", {}), ("some", {0: 255, 1: 255, 2: 255, 3: 100})):
        dataset(24, changed=changed)
        calibrate(**files, path=tmp_path / f"{name}.json")
        made.append(Calibration.load(tmp_path / f"{name}.json"))
    assert [one.provenance["objects"] for one in made] == [240, 144]
    assert made[0].heads != made[1].heads
