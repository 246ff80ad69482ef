"""What is said of masks without a ground truth, over masks that one can see."""

import math
import subprocess
import sys

import numpy as np
import pytest
from conftest import photograph_of

from lpg.errors import InputError
from lpg.evaluation.calibration import Calibration
from lpg.evaluation.quality import rate, rate_masks
from lpg.evaluation.quality_features import Features, features_of
from lpg.evaluation.quality_head import logit_of, probability
from lpg.evaluation.quality_table import COLUMNS, read_quality
from lpg.files.boxes import write_boxes
from lpg.files.pseudo_masks import ACCEPTED, OPEN, REJECTED, write_pseudo_masks
from lpg.photograph import Photograph

CLASSES = ("background", "cat", "dog")
SURE = Features(100, 0.6, 0.95, True, 0.0, 1.0, 0.3, 1, 0)
YES_OR_NO = Features(100, 0.6, 1.0, False, 0.0, 1.0, 0.3, 1, 0)


def test_the_features_of_two_boxes_that_overlap():
    image = photograph_of(6, 8, [[0, 0, 4, 4], [2, 0, 6, 4]], [1, 2])
    left = np.array([[255, 255, 255, 153], [255, 255, 255, 153], [0, 0, 100, 0], [0, 0, 0, 0]], dtype=np.uint8)
    right = np.array([[0, 255, 255, 255]] * 4, dtype=np.uint8)
    one, other = features_of(image, [left, right])
    assert one == Features(
        area=8,
        filling=0.5,
        surety=pytest.approx((6 * 1 + 2 * 0.6) / 8),
        doubts=True,
        claimed=2 / 8,  # its last column is the other's first
        tightness=0.5,
        along=pytest.approx((1 + 0 + 0.5 + 0.5) / 4),
        components=1,
        holes=0,
    )
    assert (other.doubts, other.surety, other.claimed, other.tightness) == (False, 1, 2 / 12, 0.75)


@pytest.mark.parametrize("worse", [{"surety": 0.7}, {"claimed": 0.8}])
def test_of_a_mask_that_doubts_its_surety_and_its_rivals_count(worse):
    assert logit_of(Features(**vars(SURE) | worse)) < logit_of(SURE)


@pytest.mark.parametrize("worse", [{"claimed": 0.8}, {"tightness": 0.2}, {"along": 0.9}, {"filling": 0.1}])
def test_of_a_mask_that_says_yes_or_no_the_shape_counts(worse):
    assert logit_of(Features(**vars(YES_OR_NO) | worse)) < logit_of(YES_OR_NO)


@pytest.mark.parametrize("features", [SURE, YES_OR_NO])
def test_what_another_generator_agrees_with_is_likelier_right(features):
    by_itself = logit_of(features)
    assert logit_of(features, agreement=0.3) < by_itself < logit_of(features, agreement=0.95)


def test_what_changed_since_the_stage_before_is_likelier_wrong():
    assert logit_of(SURE, change=0.3) < logit_of(SURE) < logit_of(SURE, change=0.95)


def test_the_head_is_a_logistic_one():
    by_hand = -0.7 + math.log(0.95 / 0.05) - 0.7 * 0.25
    features = Features(**vars(SURE) | {"claimed": 0.25})
    assert logit_of(features) == pytest.approx(by_hand)
    assert probability(by_hand) == pytest.approx(1 / (1 + math.exp(-by_hand)))
    assert probability(logit_of(Features(**vars(SURE) | {"area": 0}))) == 0


def soft(*rows: list[int]) -> np.ndarray:
    return np.array(rows, dtype=np.uint8)


@pytest.fixture
def made(tmp_path):
    """Two photographs; a cat half found, an empty dog, a dog that fills its box: and the stage before, another way."""
    photographs = [
        photograph_of(6, 8, [[0, 0, 4, 2], [4, 2, 8, 6]], [1, 2], name="b"),
        photograph_of(6, 8, [[1, 1, 5, 3]], [2], name="a"),
    ]
    write_boxes(photographs, CLASSES[1:], path=tmp_path / "boxes.h5", dataset="d")
    named = [photograph_of(6, 8, image.boxes, image.class_ids, name=f"d/{image.name}") for image in photographs]
    now = [[soft([250] * 4, [0] * 4), soft(*[[9] * 4] * 4)], [soft([255] * 4, [255] * 4)]]
    before = [[soft([250] * 4, [250] * 4), soft(*[[9] * 4] * 4)], [soft([255] * 4, [0] * 4)]]
    for name, masks in (("now", now), ("before", before)):
        labels, pairs = np.zeros((6, 8), dtype=np.uint8), zip(named, masks, strict=True)
        rows = [(labels, np.zeros((len(image.classes), 6, 8), np.uint8), own) for image, own in pairs]
        write_pseudo_masks(tmp_path / f"{name}.h5", CLASSES, named, rows)
    return {"boxes": tmp_path / "boxes.h5", "pseudo_masks": tmp_path / "now.h5"}


def test_a_row_for_every_box_in_the_order_of_the_boxes(made, tmp_path):
    rate_masks(**made, previous=tmp_path / "before.h5", path=tmp_path / "quality.tsv")
    rows = list(read_quality(tmp_path / "quality.tsv"))
    assert list(rows[0]) == COLUMNS
    assert " ".join(COLUMNS) == (
        "image box object_id class score risk area filling tightness components holes agreement change note"
    )
    assert [(row["image"], row["box"], row["object_id"], row["class"]) for row in rows] == [
        ("d/b", "0", "1", "cat"),
        ("d/b", "1", "2", "dog"),
        ("d/a", "0", "1", "dog"),
    ]
    assert [row["note"] for row in rows] == ["", "empty", "fills"]
    assert [float(row["filling"]) for row in rows] == [0.5, 0, 1]
    assert [float(row["change"]) for row in rows] == [0.5, 0, 0.5]
    assert {row["agreement"] for row in rows} == {row["score"] for row in rows} == {""}
    assert float(rows[1]["risk"]) == 1
    assert 0 < float(rows[0]["risk"]) < 1


def test_a_second_opinion_and_a_calibration(made, tmp_path):
    Calibration(heads=(0.5, 1.0), ious=(0.2, 0.9)).save(tmp_path / "calibration.json")
    extra = {"second": made["pseudo_masks"], "calibration": tmp_path / "calibration.json"}
    rate_masks(**made, **extra, path=tmp_path / "quality.tsv")
    cat, empty, hard = read_quality(tmp_path / "quality.tsv")
    assert [row["agreement"] for row in (cat, empty, hard)] == ["1.0000", "0.0000", "1.0000"]
    by_itself = probability(-0.7 + math.log(250 / 5))
    assert float(cat["score"]) == pytest.approx(0.2 + 0.7 * (by_itself - 0.5) / 0.5, abs=1e-4)
    assert (empty["score"], hard["score"]) == ("0.0000", ""), "yes or no has no doubt to calibrate"


def test_the_arrays_of_one_photograph_say_what_the_files_say(made, tmp_path):
    rate_masks(**made, path=tmp_path / "quality.tsv")
    image = photograph_of(6, 8, [[1, 1, 5, 3]], [2], name="d/a")
    (quality,) = rate(image, [soft([255] * 4, [255] * 4)], CLASSES)
    row = [*read_quality(tmp_path / "quality.tsv")][-1]
    assert {"class" if key == "class_name" else key: value for key, value in vars(quality).items()} == {
        "image": row["image"], "box": int(row["box"]), "object_id": 1, "class": row["class"],
        "score": None, "risk": pytest.approx(float(row["risk"]), abs=1e-4), "area": int(row["area"]), "filling": 1,
        "tightness": 1, "components": 1, "holes": 0, "agreement": None, "change": None, "note": "fills",
    }  # fmt: skip


@pytest.mark.parametrize("boxes", [[[0, 0, 4, 2]], [[0, 0, 4, 2], [4, 2, 8, 5]]])
def test_masks_of_other_boxes_are_refused(made, tmp_path, boxes):
    image = photograph_of(6, 8, boxes, [1] * len(boxes), name="b")
    write_boxes([image], CLASSES[1:], path=tmp_path / "other.h5", dataset="d")
    with pytest.raises(
        InputError, match=r"now\.h5 has other masks than d/b has boxes; give the file that was made from"
    ):
        rate_masks(boxes=tmp_path / "other.h5", pseudo_masks=made["pseudo_masks"], path=tmp_path / "quality.tsv")
    assert not (tmp_path / "quality.tsv").exists()


def test_photographs_without_masks_are_refused(made, tmp_path):
    image = photograph_of(6, 8, [[0, 0, 4, 2]], [1], name="c")
    write_boxes([image], CLASSES[1:], path=tmp_path / "other.h5", dataset="d")
    with pytest.raises(InputError, match=r"now\.h5 has other masks than d/c has boxes"):
        rate_masks(boxes=tmp_path / "other.h5", pseudo_masks=made["pseudo_masks"], path=tmp_path / "quality.tsv")


def test_rating_loads_neither_torch_nor_pandas():
    call = "import sys, lpg.evaluation.quality; print({'torch', 'pandas', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", call], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_an_empty_mask_has_a_score_of_nothing_whether_it_doubts_or_not():
    empty = Features(**vars(YES_OR_NO) | {"area": 0})
    assert (Calibration().score(empty), Calibration().score(YES_OR_NO)) == (0, None)
    assert Calibration(heads=(), ious=()).score(empty) is None, "it predicts nothing"


def test_what_people_decided_is_rated_as_they_decided_and_unscores_nothing(tmp_path):
    """Three cats: one as the generator made it, one accepted, one rejected."""
    boxes = [[0, 0, 4, 2], [0, 2, 4, 4], [0, 4, 4, 6]]
    write_boxes([photograph_of(6, 8, boxes, [1] * 3, name="a")], CLASSES[1:], path=tmp_path / "boxes.h5", dataset="d")
    named = photograph_of(6, 8, boxes, [1] * 3, name="d/a")
    masks = [soft([230] * 4, [0] * 4), soft([255] * 4, [0] * 4), soft([0] * 4, [0] * 4)]
    rows, verdicts = [(np.zeros((6, 8), np.uint8), np.zeros((1, 6, 8), np.uint8), masks)], [[OPEN, ACCEPTED, REJECTED]]
    write_pseudo_masks(tmp_path / "pseudo.h5", CLASSES, [named], rows, verdicts=verdicts)
    Calibration().save(tmp_path / "calibration.json")
    files = {"boxes": tmp_path / "boxes.h5", "pseudo_masks": tmp_path / "pseudo.h5", "path": tmp_path / "quality.tsv"}
    for calibration, scores in ((tmp_path / "calibration.json", ["0.8204", "1.0000", "0.0000"]), (None, [""] * 3)):
        rate_masks(**files, calibration=calibration)
        rows = list(read_quality(tmp_path / "quality.tsv"))
        assert [row["score"] for row in rows] == scores
        assert [row["risk"] for row in rows] == ["0.1796", "0.0000", "1.0000"]
        assert [row["note"] for row in rows] == ["", "accepted", "rejected"]


def test_an_empty_mask_that_was_accepted_is_empty():
    image, empty = photograph_of(6, 8, [[0, 0, 4, 2]], [1]), soft([0] * 4, [0] * 4)
    (quality,) = rate(image, [empty], CLASSES, calibration=Calibration(), verdicts=[ACCEPTED])
    assert (quality.score, quality.risk, quality.note) == (0, 1, "empty")


def test_objects_without_keys_are_rated_as_their_soft_masks():
    image, mask = Photograph("a", "", 6, 8, np.array([[1, 1, 5, 3]]), np.array([2])), soft([0, 255, 255, 0], [255] * 4)
    (quality,) = rate(image, [mask > 127], CLASSES)
    assert quality == rate(image, [mask], CLASSES, verdicts=np.array([OPEN]))[0]
    assert (quality.object_id, quality.area) == (0, 6)


@pytest.mark.parametrize(
    ("masks", "sentence"),
    [
        ([], "^a has 1 boxes, and there are 0 masks; give one of each$"),
        (
            [np.zeros((2, 4))],
            r"^the mask of box 0 of a is float64 \(2, 4\); give its pixels alone, uint8 \(2, 4\), 255 f",
        ),
        ([np.zeros((6, 8), np.uint8)], r"^the mask of box 0 of a is uint8 \(6, 8\); "),
    ],
)
def test_what_is_no_mask_of_the_boxes_is_refused(masks, sentence):
    with pytest.raises(InputError, match=sentence):
        rate(photograph_of(6, 8, [[1, 1, 5, 3]], [2]), masks, CLASSES)
