"""Where figures turn: void pixels, sizes, halves, folds and shares."""

import json
import math

import numpy as np
import pytest
from conftest import photograph_of
from evaluation.test_average_precision import SIZES, average_precisions, rated
from evaluation.test_calibration import dataset  # noqa: F401
from evaluation.test_quality import CLASSES, SURE, YES_OR_NO, soft
from evaluation.test_scores import DESCRIPTION, score_row
from evaluation.test_tables import score

from lpg.evaluation import quality_scores
from lpg.evaluation.calibration import Calibration
from lpg.evaluation.calibration_fitting import _across, calibrate, fit_knots
from lpg.evaluation.compared import compared_objects
from lpg.evaluation.objects import score_objects
from lpg.evaluation.quality import rate
from lpg.evaluation.quality_head import SOFT, logit_of
from lpg.evaluation.scores import tabulate_scores
from lpg.evaluation.stage_scores import score_stage
from lpg.evaluation.tables import measured_rows
from lpg.files.boxes import BoxTable, write_boxes
from lpg.files.ground_truth import write_ground_truth
from lpg.files.pseudo_masks import write_pseudo_masks
from lpg.pixels.shapes import count_components, count_holes


@pytest.fixture
def one_object(tmp_path):
    """Files of a photograph with one object whose box is the photograph: its mask, the true one, and what is void."""

    def write(mask: np.ndarray, true: np.ndarray, void: np.ndarray) -> dict:
        height, width = mask.shape
        box = [[0, 0, width, height]]
        write_boxes([photograph_of(height, width, box, [1])], ["cat"], path=tmp_path / "b.h5", dataset="d")
        labels = np.where(void, 255, true).astype(np.uint8)
        table = ("background", "cat")
        write_ground_truth(tmp_path / "m.h5", table, [("d/a", labels, [true.astype(np.uint8)])])
        found = (255 * mask).astype(np.uint8)
        image = photograph_of(height, width, box, [1], name="d/a")
        write_pseudo_masks(tmp_path / "p.h5", table, [image], [(mask.astype(np.uint8), found[None], [found])])
        return {"boxes": tmp_path / "b.h5", "truth": tmp_path / "m.h5", "masks": tmp_path / "p.h5"}

    return write


def row(text: str) -> np.ndarray:
    return np.array([[letter == "#" for letter in text]])


def test_a_void_pixel_is_neither_right_nor_wrong(one_object):
    #                 mask             true          void
    files = one_object(row("####.."), row("##..##"), row("..##.#"))
    (one,) = compared_objects(BoxTable([files["boxes"]]), files["truth"], files["masks"])
    assert one.mask.tolist() == row("##....").tolist() and one.true.tolist() == row("##..#.").tolist()
    assert one.iou == pytest.approx(2 / 3) and one.area == 4, "the object's own pixels, void ones too"


def test_an_object_is_as_large_as_it_truly_is_whatever_was_found_of_it_and_is_void(one_object, tmp_path):
    true = np.zeros((40, 40), dtype=bool)
    true[:32, :32] = True  # the least that is medium
    mask, void = np.zeros_like(true), np.zeros_like(true)
    mask[:8, :8], void[30:, :] = True, True
    score_objects(**{key: [path] for key, path in one_object(mask, true, void).items()}, path=tmp_path / "o.tsv")
    lines = [line.split("\t") for line in (tmp_path / "o.tsv").read_text().splitlines()]
    assert [line[1] for line in lines] == ["of", "all", "medium", "cat"]


def test_the_rim_counts_no_more_than_the_mask():
    """A frame of one pixel has the rim of the rectangle that it goes around."""
    whole = np.zeros((30, 40), dtype=bool)
    whole[5:25, 5:35] = True
    frame = whole.copy()
    frame[6:24, 6:34] = False
    found = average_precisions([rated("d/a", "cat", 0.9, frame, whole)], SIZES)
    assert found.loc["cat", ["ap", "boundary_ap"]].tolist() == [0, 0]


def test_the_head_by_hand():
    assert logit_of(YES_OR_NO) == pytest.approx(0.3 + 1.2 * 1 - 2.7 * 0.3 + 0.4 * math.log(0.6 / 0.4))
    assert logit_of(YES_OR_NO, 0.95, 0.1) == pytest.approx(logit_of(YES_OR_NO) + 2.0 * 0.2), "no change counts here"
    assert logit_of(SURE, 0.95, 0.25) == pytest.approx(logit_of(SURE) + 1.0 * 0.2 - 0.6 * 0.5)
    certain = type(SURE)(**vars(SURE) | {"surety": 1.0})
    assert logit_of(certain) == pytest.approx(-0.7 + math.log(0.99 / 0.01))


def test_the_weights_of_a_calibration_are_those_of_the_risk_too():
    image, mask = photograph_of(6, 8, [[0, 0, 4, 2]], [1]), soft([230] * 4, [0] * 4)
    known = Calibration(weights=SOFT | {"constant": 2.0})
    (quality,) = rate(image, [mask], CLASSES, calibration=known)
    logit = 2.0 + math.log(230 / 25)
    assert quality.risk == pytest.approx(1 - 1 / (1 + math.exp(-logit)))


def test_the_error_after_calibration_is_of_knots_that_have_not_seen_the_photograph():
    names = [name for name in "abcde" for _ in range(40)]
    rng = np.random.default_rng(0)
    heads = rng.random(200)
    ious = np.clip(heads + rng.normal(0, 0.1, 200), 0, 1)
    other = ious.copy()
    other[:40] = 1 - ious[:40]  # of the first photograph
    before, after = _across(names, heads, ious), _across(names, heads, other)
    assert (before[:40] == after[:40]).all() and not (before[40:] == after[40:]).all()


def test_shares_that_are_pooled_count_by_their_objects():
    heads, ious = np.repeat([0.2, 0.6], [60, 20]), np.repeat([0.9, 0.5], [60, 20])
    assert fit_knots(heads, ious) == ([0, 0.2, 0.6, 1], [0, 0.8, 0.8, 1])


def test_a_hundred_objects_are_enough_to_calibrate_on(dataset, tmp_path):  # noqa: F811
    calibrate(**dataset(10), path=tmp_path / "c.json")
    made = Calibration.load(tmp_path / "c.json")
    assert made.provenance["objects"] == 100 and made.predicts


def test_full_is_a_segmenter_of_the_same_split(tmp_path):
    rows = [
        score_row("voc", 1, 60), score_row("full", 1, 80),
        score_row("full", 2, 90) | {"split": "train"}, score_row("full", 3, 99, "pseudo masks"),
    ]  # fmt: skip
    (tmp_path / "s.json").write_text(json.dumps(rows))
    paths = {key: tmp_path / f"scores.{key}" for key in ("tsv", "json_path", "html")}
    tabulate_scores([tmp_path / "s.json"], upper_bounds={"voc": "full"}, **paths)
    assert json.loads(paths["json_path"].read_text())[0]["per_cent_of_full"] == 75


def test_box_fill_is_by_boxes_and_pseudo_masks_by_the_runs_generator(tmp_path, write_label_maps):
    file = write_label_maps("t.h5", ("background", "a"), {"train/x": [[0, 1]]})
    kinds = ["box fill", "pseudo masks", "segmenter"]
    scored = [{"what": what, "crf": "without", "split": "train"} for what in kinds]
    said = DESCRIPTION | {"stage": 0, "truth_of": ["train"], "scored": scored}
    score_stage(said, truth=[file], labels=[file] * 3, path=tmp_path / "s.json")
    rows = json.loads((tmp_path / "s.json").read_text())
    assert [one["generator"] for one in rows] == ["boxes", "hourglass, image", "hourglass, image"]


def test_the_final_score_is_that_of_the_last_stage_of_the_papers_depth_even_if_another_was_better():
    scores = [score(1, 62.0), score(2, 60.0), score(3, 70.0)]
    (line,) = measured_rows("Ours", scores, ["segmenter"], "val", depth=2)
    assert (line["stage 1"], line["stage 2"], line["final"]) == (62.0, 60.0, 60.0) and "stage 3" not in line


def test_an_iou_of_just_one_half_is_not_bad(tmp_path, monkeypatch):
    files = {key: [tmp_path / key] for key in ("quality", "boxes", "truth", "masks")}
    values = np.array([0.1, 0.9, 0.5]), np.full(3, np.nan), np.array([1, 0.5, 0.25])
    monkeypatch.setattr(quality_scores, "rated_ious", lambda *_: values)
    monkeypatch.setattr(quality_scores, "read_quality", lambda _: iter([{"image": "d/a"}]))
    quality_scores.score_risk(**files, path=tmp_path / "risk.tsv")
    head, line = (text.split("\t") for text in (tmp_path / "risk.tsv").read_text().splitlines())
    found = dict(zip(head, line, strict=True))
    assert (found["bad"], found["auc"]) == ("1", "0.500")


def test_a_hundredth_of_a_mask_is_no_speck():
    mask = np.zeros((40, 40), dtype=bool)
    mask[:20, :20] = True  # 400 pixels, less a hole of four
    mask[5:7, 5:7] = False
    assert count_holes(mask) == 1
    mask[30, 30:34] = True
    assert (count_components(mask), count_holes(mask)) == (2, 1)
    mask[5, 5] = mask[30, 33:34] = True
    mask[30, 33] = False
    assert (count_components(mask), count_holes(mask)) == (1, 0), "three pixels are"
