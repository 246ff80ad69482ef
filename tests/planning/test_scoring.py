"""What is scored, and what a row says about itself."""

import pytest

from lpg.errors import InputError
from lpg.networks.registry import PAPERS_LARGEFOV_CRF
from lpg.pixels.crf import RESNET101_CRF
from lpg.planning.scoring import MASKS_CRF, Scoring

FULL = {"dataset": "voc", "segmenter": "light", "labels": "masks", "evaluate": ["val"]}


def rows(scoring: Scoring, run: str, stage: int) -> dict[tuple[str, str, str], str]:
    return {(row["what"], row["crf"], row["split"]): row["path"] for row in scoring.rows(run, stage)}


def test_masks_and_segmenter_are_scored_at_every_stage(plan, target):
    scoring = Scoring(plan(voc=target()))
    assert rows(scoring, "voc", 0) == {
        ("box fill", "without", "val"): "results/datasets/val/boxes.h5",
        ("segmenter", "without", "val"): "results/voc.light/stage0/val/segmentations.h5",
    }
    assert rows(scoring, "voc", 2) == {
        ("pseudo masks", "without", "val"): "results/voc/stage2/val/pseudo_masks.h5",
        ("segmenter", "without", "val"): "results/voc/stage2/val/segmentations.h5",
    }
    assert scoring.scored_files("voc", 2) == list(rows(scoring, "voc", 2).values())
    assert scoring.truth("voc") == ["results/datasets/val/masks.h5"]
    assert scoring.evaluated_boxes("voc") == ["results/datasets/val/boxes.h5"]


def test_the_training_data_can_be_scored_too_but_not_its_segmenter(plan, target):
    scored = rows(Scoring(plan(voc=target(evaluate=["voc", "val"]))), "voc", 1)
    assert scored["pseudo masks", "without", "voc"] == "results/voc/stage1/voc/pseudo_masks.h5"
    assert [split for what, _, split in scored if what == "segmenter"] == ["val"]


def test_with_a_crf_both_are_scored_twice_but_box_fill_once(plan, target):
    scoring = Scoring(plan(voc=target(crf=True)))
    assert ("box fill", "with", "val") not in rows(scoring, "voc", 0)
    assert rows(scoring, "voc", 0)["segmenter", "with", "val"] == "results/voc.light/stage0/val/segmentations_crf.h5"
    assert rows(scoring, "voc", 1) == {
        ("pseudo masks", "without", "val"): "results/voc/stage1/val/pseudo_masks.h5",
        ("pseudo masks", "with", "val"): "results/voc/stage1/val/pseudo_masks_crf.h5",
        ("segmenter", "without", "val"): "results/voc/stage1/val/segmentations.h5",
        ("segmenter", "with", "val"): "results/voc/stage1/val/segmentations_crf.h5",
    }


def test_a_crf_reads_the_scores_of_what_the_run_is_scored_on_and_has_not_learned(plan, target):
    scoring = Scoring(plan(voc=target(crf=True, evaluate=["val", "voc"]), full=FULL))
    read = {
        (run, on) for run in ("voc", "voc.light", "full") for on in ("voc", "val") if scoring.refines_scores(run, on)
    }
    assert read == {("voc", "val"), ("voc.light", "val")}
    assert scoring.whole_predictions("voc.light", 0, "val") == "results/voc.light/stage0/val/predictions.h5"
    with pytest.raises(InputError, match="no dense CRF follows the segmenter of 'full' on 'val', so its scores"):
        scoring.whole_predictions("full", 1, "val")


def test_objects_are_scored_before_a_crf_which_knows_classes_alone(plan, target):
    scoring = Scoring(plan(voc=target(crf="labels")))
    assert scoring.object_masks("voc", 2) == ["results/voc/stage2/val/pseudo_masks.h5"]


def test_of_a_run_without_a_segmenter_masks_are_scored(plan, target):
    scored = rows(Scoring(plan(cut=target(segmenter=None, generator={"method": "grabcut"}))), "cut", 1)
    assert scored == {("pseudo masks", "without", "val"): "results/cut/stage1/val/pseudo_masks.h5"}


def test_of_a_run_on_its_own_masks_the_segmenter_is_scored(plan):
    scored = rows(Scoring(plan(full=FULL)), "full", 2)
    assert scored == {("segmenter", "without", "val"): "results/full/stage2/val/segmentations.h5"}


def test_the_upper_bound_of_a_weak_run_is_full(plan, target, settings):
    masks = target(segmenter=None, generator={"method": "boxes"})
    runs = {"voc": target(stages=1), "twin": target(segmenter="twin"), "large": target(segmenter="largefov")}
    scoring = Scoring(plan(**runs, masks=masks, full=FULL))
    assert scoring.upper_bound("voc") == scoring.upper_bound("twin") == "full"  # recipes count, not their names
    assert [scoring.upper_bound(run) for run in ("teacher", "large", "masks")] == [None, None, None]
    settings["segmenters"]["twin"]["initialisation"] = "imagenet"  # which is the default
    assert Scoring(plan(**runs, full=FULL)).upper_bound("twin") == "full"
    assert Scoring(plan(**runs, full=FULL | {"stages": 0})).upper_bound("voc") is None, "f^0 is no bound of f^1"
    settings["segmenters"]["twin"]["flip_test"] = not Scoring(plan(**runs)).plan.recipes.flip_test("twin", 1)
    assert Scoring(plan(**runs, full=FULL)).upper_bound("twin") is None, "one of them sees mirrored photographs too"
    del settings["segmenters"]["twin"]["flip_test"]
    settings["segmenters"]["twin"]["iterations"] = 5
    assert Scoring(plan(**runs, full=FULL)).upper_bound("twin") is None


def test_a_row_says_that_people_have_decided_on_masks(plan, target, tmp_path):
    decisions = tmp_path / "decisions.json"
    decisions.write_text("{}")
    masks = target(segmenter=None, generator={"method": "boxes"})
    decided = {"decisions": str(decisions)}
    scoring = Scoring(plan(voc=target(), decided=target(**decided), masks=masks | decided))
    assert scoring.generator_title("masks") == "box fill", "nothing that is scored is theirs"
    assert scoring.generator_title("decided") == f"{scoring.generator_title('voc')}, decided on by people"


def test_a_row_says_how_the_run_is_supervised(plan, target, tmp_path):
    images = tmp_path / "train.txt"
    images.write_text("a\n")
    scoring = Scoring(plan(voc=target(), semi=target(masks=str(images)), full=FULL, crf=target(crf="labels")))
    supervision = {run: scoring.supervision(run) for run in ("voc", "semi", "full", "crf")}
    assert supervision == {"voc": "weak", "semi": "semi", "full": "full", "crf": "weak, labels after a CRF"}


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({}, "hourglass, image"),
        ({"generator": {"learn": "crops"}}, "hourglass, box"),
        ({"generator": {"learn": "ready"}}, "resnet18 from data/weights/r18.pth, image"),
        ({"generator": {"from": "teacher", "stage": 3}}, "hourglass, image, stage 3 fixed"),
        (
            {"generator": {"from": "teacher", "apply": {"guided_radius": 0.1, "flip": True}}},
            "hourglass, image, flip True, guided_radius 0.1",
        ),
        ({"generator": {"from": "blind"}, "segmenter": None}, "hourglass, image, stage 3 without scores"),
        ({"generator": {"from": "blind", "stage": 2}, "segmenter": None}, "hourglass, image, stage 2 without scores"),
        (
            {"generator": {"file": "results/teacher/stage3/generator.pt", "apply": {"scale": 1.5}}},
            "results/teacher/stage3/generator.pt, scale 1.5",
        ),
        (
            {"generator": {"file": "results/teacher/stage3/generator.pt", "apply": {"scale": [1, 1.5]}}},
            "results/teacher/stage3/generator.pt, scale 1.0 and 1.5",
        ),
        ({"generator": {"method": "grabcut"}}, "GrabCut"),
        ({"generator": {"method": "grabcut", "ignore_band": [0.4, 0.6]}}, "GrabCut, ignore_band 0.4 and 0.6"),
        ({"generator": {"from": "teacher", "ignore_band": [0.3, 1]}}, "hourglass, image, ignore_band 0.3 and 1.0"),
        ({"generator": None, "labels": "masks"}, "own masks"),
    ],
    ids=str,
)
def test_a_row_says_what_made_the_masks(plan, target, teacher, changes, title):
    blind = teacher | {"generator": {"learn": "blind"}}
    assert Scoring(plan(blind=blind, voc=target(**changes))).generator_title("voc") == title


@pytest.mark.parametrize(
    ("recipe", "title"),
    [
        ({"view": "box"}, "unet on tf_efficientnet_lite0 from imagenet, box"),
        ({"trunk": "resnet18", "initialisation": "none"}, "unet on resnet18, image"),
        ({"initialisation": "results/w.pth"}, "unet on tf_efficientnet_lite0 from results/w.pth, image"),
    ],
    ids=str,
)
def test_a_row_says_which_trunk_the_generator_has(plan, target, settings, recipe, title):
    settings["generators"]["fine"] = {"architecture": "unet", **recipe}
    assert Scoring(plan(voc=target(generator={"learn": "fine"}))).generator_title("voc") == title


def test_a_row_says_which_trunk_the_segmenter_has(plan, target, settings):
    settings["segmenters"]["deep"] = {"architecture": "unet", "trunk": "resnet18"}
    scoring = Scoring(plan(voc=target(segmenter="fpn"), deep=target(segmenter="deep"), light=target()))
    titles = [scoring.description(run, 1)["segmenter"] for run in ("voc", "deep", "light")]
    assert titles == ["fpn on tf_efficientnet_lite0", "unet on resnet18", "resnet18"]


def test_a_row_describes_its_stage(plan, target, settings):
    settings["segmenters"]["light"]["initialisation"] = "none"
    cut = target(segmenter=None, generator={"method": "boxes"}, evaluate=["voc", "val"])
    scoring = Scoring(plan(voc=target(segmenter="largefov"), light=target(), cut=cut))
    assert scoring.description("voc", 2) == {
        "run": "voc",
        "stage": 2,
        "seed": 0,
        "supervision": "weak",
        "segmenter": "largefov",
        "initialisation": "imagenet",
        "generator": "hourglass, image",
        "scored": scoring.rows("voc", 2),
        "truth_of": ["val"],
        "trained_on": ["voc"],
    }
    assert scoring.description("light", 0)["initialisation"] == "none"
    cut = scoring.description("cut", 1)
    assert (cut["segmenter"], cut["initialisation"], cut["truth_of"]) == (None, None, ["voc", "val"])


def test_the_crf_after_a_segmenter_is_its_networks_and_masks_have_one_for_all(plan, target):
    scoring = Scoring(plan(voc=target(), large=target(segmenter="largefov")))
    assert scoring.segmenter_crf("large") == vars(PAPERS_LARGEFOV_CRF)
    assert scoring.segmenter_crf("voc.light") == scoring.segmenter_crf("voc") == vars(RESNET101_CRF) == MASKS_CRF
