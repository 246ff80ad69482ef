"""Runs with `crf`: what is scored a second time, what is learned from, and what the rows say of it."""

from dataclasses import asdict

import pytest

from lpg.errors import InputError
from lpg.networks.registry import SEGMENTERS
from lpg.pixels.crf import RESNET101_CRF
from lpg.planning.scoring import MASKS_CRF, Scoring
from lpg.planning.targets import Targets

DENSECRF = {"method": "densecrf"}


def paths_after_a_crf(scoring: Scoring, run: str, stage: int) -> dict[str, str]:
    return {row["what"]: row["path"] for row in scoring.rows(run, stage) if row["crf"] == "with"}


def test_a_run_with_crf_scores_masks_and_segmentations_a_second_time(plan, target):
    made = plan(plain=target(), cut=target(generator=DENSECRF, crf=True))
    scoring = Scoring(made)
    assert paths_after_a_crf(scoring, "plain", 1) == {}
    assert paths_after_a_crf(scoring, "cut", 2) == {
        "pseudo masks": "results/cut/stage1/val/pseudo_masks_crf.h5",  # a method without scores makes them once
        "segmenter": "results/cut/stage2/val/segmentations_crf.h5",
    }
    assert paths_after_a_crf(scoring, "cut", 0) == {
        "segmenter": "results/voc.light/stage0/val/segmentations_crf.h5"  # and box fill is scored as it is
    }
    assert made.segmentations("cut", 0, "val") == made.segmentations("plain", 0, "val")
    assert made.labels("cut", 1) == ["results/cut/stage1/voc/pseudo_masks.h5"], "what is learned from is not refined"
    assert scoring.generator_title("cut") == "dense CRF, Bbox-Seg of WSSL"
    assert scoring.supervision("cut") == "weak"
    assert not Targets(made, scoring).gallery_refined("cut")


def test_rows_with_and_without_crf_stand_side_by_side(plan, target):
    scoring = Scoring(plan(voc=target(crf=True, evaluate=["voc", "val"])))
    rows = [(row["what"], row["crf"], row["split"]) for row in scoring.rows("voc", 1)]
    assert rows == [
        ("pseudo masks", "without", "voc"), ("pseudo masks", "without", "val"),
        ("pseudo masks", "with", "voc"), ("pseudo masks", "with", "val"),
        ("segmenter", "without", "val"), ("segmenter", "with", "val"),
    ]  # fmt: skip
    first = [(row["what"], row["crf"]) for row in scoring.rows("voc", 0) if row["split"] == "val"]
    assert first == [("box fill", "without"), ("segmenter", "without"), ("segmenter", "with")]
    assert scoring.scored_files("voc", 1) == [row["path"] for row in scoring.rows("voc", 1)]


def test_the_masks_after_the_crf_may_be_the_labels_and_the_product(plan, target):
    made = plan(plain=target(generator=DENSECRF), cut=target(generator=DENSECRF, crf="labels"))
    scoring = Scoring(made)
    targets = Targets(made, scoring)
    refined = "results/cut/stage1/voc/pseudo_masks_crf.h5"
    assert made.labels("cut", 0) == made.labels("plain", 0) == ["results/datasets/voc/boxes.h5"]
    assert made.labels("cut", 1) == made.labels("cut", 2) == [refined]
    assert made.refined_masks("cut", 1, "voc") == made.final_masks("cut", 1, "voc") == refined
    assert made.segmenter("cut", 0) == made.segmenter("plain", 0) == "results/voc.light/stage0/segmenter.pt"
    assert made.segmenter("cut", 1) == "results/cut/stage1/segmenter.pt"
    assert made.final_masks("cut", 1, "val") == "results/cut/stage1/val/pseudo_masks_crf.h5"
    assert targets.gallery_masks("cut", 1) == ["results/cut/stage1/val/pseudo_masks_crf.h5"]
    assert targets.gallery_refined("cut")
    assert scoring.supervision("cut") == "weak, labels after a CRF"
    assert "segmenter" in paths_after_a_crf(scoring, "cut", 1)


def test_labels_after_the_crf_of_a_run_over_several_datasets(plan, target):
    made = plan(cut=target(generator=DENSECRF, crf="labels", dataset=["voc", "val"], evaluate=None))
    assert made.labels("cut", 1) == [f"results/cut/stage1/{name}/pseudo_masks_crf.h5" for name in ("voc", "val")]


def test_every_network_brings_the_crf_after_it(plan, target, settings):
    settings["segmenters"]["large"] = {"architecture": "largefov"}
    scoring = Scoring(plan(voc=target(crf=True), large=target(segmenter="large", crf=True)))
    assert scoring.segmenter_crf("voc") == asdict(SEGMENTERS["resnet18"].crf)
    assert scoring.segmenter_crf("large") == asdict(SEGMENTERS["largefov"].crf)
    assert asdict(RESNET101_CRF) == MASKS_CRF


def test_a_crf_without_anything_to_refine_is_refused(plan, target):
    with pytest.raises(InputError, match=r"runs\.voc: crf: true refines what is scored; add evaluate, or write crf: l"):
        plan(voc=target(crf=True, evaluate=None))
    with pytest.raises(InputError, match=r"runs\.voc: crf: labels refines pseudo masks, and labels: masks has none"):
        plan(voc=target(crf="labels", labels="masks", generator=None))


def test_a_run_that_only_adds_a_crf_to_another_is_refused(plan, target):
    with pytest.raises(InputError, match=r"runs\.again: it computes what runs\.voc computes; .* crf: true scores both"):
        plan(voc=target(), again=target(crf=True))
