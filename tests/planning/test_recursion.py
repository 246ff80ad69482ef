"""The recursion over stages, and what runs share."""

import pytest
from conftest import plan_of

from lpg.generators.shipped import SHIPPED
from lpg.planning.parameters import Parameters
from lpg.planning.recursion import Plan
from lpg.planning.runs import Learned
from lpg.planning.scoring import Scoring
from lpg.planning.sources import Sources
from lpg.planning.targets import Targets

FULL = {"dataset": "voc", "segmenter": "light", "labels": "masks", "evaluate": ["val"]}


def test_the_recursion_of_the_design(plan, target):
    made = plan(voc=target())
    assert made.labels("voc", 0) == ["results/datasets/voc/boxes.h5"]
    assert made.previous_segmenter("voc", 0) == []
    assert made.labels("voc", 2) == ["results/voc/stage2/voc/pseudo_masks.h5"]
    assert made.segmenter("voc", 2) == "results/voc/stage2/segmenter.pt"
    assert made.previous_segmenter("voc", 2) == ["results/voc/stage1/segmenter.pt"]
    assert made.previous_segmenter("voc", 1) == [made.segmenter("voc", 0)]
    assert made.generator("voc", 2) == ["results/teacher/stage2/generator.pt"]
    assert made.mask_predictions("voc", 2, "voc") == ["results/voc/stage1/voc/predictions.h5"]
    assert made.previous_generator("teacher", 1) == []
    assert made.previous_generator("teacher", 3) == ["results/teacher/stage2/generator.pt"]


def test_a_run_over_two_datasets_reads_both(plan):
    made = plan()
    assert made.boxes("teacher") == ["results/datasets/aux/boxes.h5", "results/datasets/more/boxes.h5"]
    assert made.masks("teacher") == ["results/datasets/aux/masks.h5", "results/datasets/more/masks.h5"]
    assert made.labels("teacher", 0) == made.boxes("teacher")
    assert made.labels("teacher", 1) == [
        "results/teacher/stage1/aux/pseudo_masks.h5",
        "results/teacher/stage1/more/pseudo_masks.h5",
    ]
    assert made.training_predictions("teacher", 2) == [
        "results/teacher/stage1/aux/predictions.h5",
        "results/teacher/stage1/more/predictions.h5",
    ]
    assert made.training_predictions("teacher", 1) == [
        "results/aux+more.light/stage0/aux/predictions.h5",
        "results/aux+more.light/stage0/more/predictions.h5",
    ]


def test_the_order_of_several_datasets_is_told(plan, target):
    made = plan(voc=target(), pair=target(dataset=["more", "voc"]), turned=target(dataset=["voc", "more"]))
    assert [made.dataset_order(run) for run in ("voc", "pair", "turned")] == ["", "more+voc", "voc+more"]


def test_an_evaluated_dataset_has_its_own_folder_in_the_stage(plan, target):
    made = plan(voc=target())
    assert made.pseudo_masks("voc", 2, "val") == "results/voc/stage2/val/pseudo_masks.h5"
    assert made.pseudo_masks("voc", 0, "val") == "results/datasets/val/boxes.h5"
    assert made.mask_predictions("voc", 2, "val") == ["results/voc/stage1/val/predictions.h5"]
    assert made.mask_predictions("voc", 1, "val") == ["results/voc.light/stage0/val/predictions.h5"]
    assert made.segmentations("voc", 2, "val") == "results/voc/stage2/val/segmentations.h5"


# Stage 0 of weak runs is a start


def test_weak_runs_over_the_same_datasets_with_the_same_segmenter_share_stage_0(plan, target):
    made = plan(voc=target(), fixed=target(generator={"from": "teacher", "stage": 3}))
    assert list(made.starts) == ["aux+more.light", "voc.light"]
    for run in ("voc", "fixed"):
        assert made.segmenter(run, 0) == "results/voc.light/stage0/segmenter.pt"
        assert made.predictions(run, 0, "val") == "results/voc.light/stage0/val/predictions.h5"
        assert made.segmentations(run, 0, "val") == "results/voc.light/stage0/val/segmentations.h5"
        assert made.refined_segmentations(run, 0, "val") == "results/voc.light/stage0/val/segmentations_crf.h5"
    assert made.generator("fixed", 1) == ["results/teacher/stage3/generator.pt"]
    assert made.pseudo_masks("fixed", 1, "voc") == "results/fixed/stage1/voc/pseudo_masks.h5"
    # Stage 3 uses the same generator, but on other scores.
    assert made.pseudo_masks("fixed", 3, "voc") == "results/fixed/stage3/voc/pseudo_masks.h5"


def test_a_start_is_made_as_a_run_is(plan, target):
    made = plan(voc=target())
    assert made.labels("voc.light", 0) == ["results/datasets/voc/boxes.h5"]
    assert made.segmenter("voc.light", 0) == made.segmenter("voc", 0)
    assert Parameters(made).segmenter_settings("voc.light", 0) == Parameters(made).segmenter_settings("voc", 0)
    assert made.predictions("voc.light", 0, "val") == made.predictions("voc", 0, "val")
    assert (made.class_gate("voc.light"), made.class_gate("voc")) == ([], ["results/voc/classes.json"])


def test_another_segmenter_shares_nothing_that_depends_on_it(plan, target):
    made = plan(voc=target(), large=target(segmenter="largefov"))
    assert made.segmenter("large", 0) == "results/voc.largefov/stage0/segmenter.pt"
    assert made.generator("large", 1) == made.generator("voc", 1)


def test_a_run_that_learns_masks_at_stage_0_shares_nothing(plan, target, tmp_path):
    images = tmp_path / "train.txt"
    images.write_text("a\n")
    made = plan(voc=target(), semi=target(masks=str(images)), full=FULL)
    assert made.segmenter("semi", 0) == "results/semi/stage0/segmenter.pt"
    assert made.segmenter("full", 0) == "results/full/stage0/segmenter.pt"
    assert made.predictions("semi", 0, "voc") == "results/semi/stage0/voc/predictions.h5"
    assert list(made.starts) == ["aux+more.light", "voc.light"]


def paths_of(plan: Plan, run: str) -> dict[str, list]:
    """Every path that a rule asks for on behalf of a run."""
    spec, scoring, targets = plan.runs[run], Scoring(plan), Targets(plan, Scoring(plan))
    stages = range(spec.stages + 1) if spec.segmenter else []
    later = [] if spec.supervised else range(1, spec.stages + 1)
    places = [(stage, dataset) for stage in later for dataset in (*spec.datasets, *spec.evaluated)]
    learned = later if isinstance(spec.generator, Learned) else []
    return {
        "gate": [plan.class_gate(run), plan.boxes(run), plan.teacher_boxes(run), Sources(plan).run_listing(run)],
        "segmenters": [(plan.labels(run, k), plan.previous_segmenter(run, k), plan.segmenter(run, k)) for k in stages],
        "generators": [plan.generator(run, k) for k in later],
        "training": [(plan.previous_generator(run, k), plan.training_predictions(run, k)) for k in learned],
        "masks": [(plan.mask_predictions(run, *at), plan.pseudo_masks(run, *at)) for at in places],
        "final": [(plan.refined_masks(run, *at), plan.final_masks(run, *at)) for at in places],
        "scores": [scoring.rows(run, k) for k in range(spec.stages + 1)],
        "losses": targets.checkpoints(run) if run != "box" else [],
    }


def test_no_path_depends_on_the_order_of_the_runs_nor_on_which_others_there_are(settings, teacher, target, tmp_path):
    images = tmp_path / "train.txt"
    images.write_text("a\n")
    runs = {
        "teacher": teacher,
        "voc": target(),
        "fixed": target(generator={"from": "teacher", "stage": 3}, stages=2, crf=True),
        "cut": target(generator={"method": "grabcut"}, crf="labels"),
        "semi": target(masks=str(images)),
        "full": FULL,
        "box": {"dataset": "voc", "generator": {"method": "boxes"}, "evaluate": ["voc", "val"]},
    }
    made = plan_of({**settings, "runs": runs})
    paths = {run: paths_of(made, run) for run in runs}
    borrowers = {run for run in runs if made.teacher(run)}
    for order in permutations_of(list(runs)):
        for count in range(1, len(order) + 1):
            chosen = order[:count]
            if "teacher" in chosen or not borrowers & set(chosen):
                other = plan_of({**settings, "runs": {run: runs[run] for run in chosen}})
                assert {run: paths_of(other, run) for run in chosen} == {run: paths[run] for run in chosen}


def permutations_of(names: list[str]) -> list[list[str]]:
    """Every rotation, forwards and backwards: all neighbours change places, and every name is first and last once."""
    turned = [names[start:] + names[:start] for start in range(len(names))]
    return turned + [order[::-1] for order in turned]


def test_runs_only_meet_at_stage_0_and_in_what_a_teacher_learned(plan, target):
    made = plan(
        voc=target(), fixed=target(generator={"from": "teacher", "stage": 3}), cut=target(generator={"method": "boxes"})
    )
    for run in made.runs:
        for stage in range(1, 4):
            assert made.segmenter(run, stage).startswith(f"results/{run}/")
            assert all(path.startswith(f"results/{run}/") for path in made.labels(run, stage))


# What makes the pseudo masks


def test_a_generic_generator_needs_no_scores_and_makes_its_masks_once(plan, target):
    made = plan(cut=target(generator={"method": "grabcut"}), em=target(generator={"method": "wssl_em_fixed"}))
    assert made.generator("cut", 2) == []
    assert made.mask_predictions("cut", 2, "voc") == []
    assert made.pseudo_masks("cut", 3, "voc") == "results/cut/stage1/voc/pseudo_masks.h5"
    assert made.labels("cut", 3) == ["results/cut/stage1/voc/pseudo_masks.h5"]
    assert made.mask_predictions("em", 2, "voc") == ["results/em/stage1/voc/predictions.h5"]
    assert made.pseudo_masks("em", 3, "voc") == "results/em/stage3/voc/pseudo_masks.h5"


def test_only_networks_ask_for_the_gpu(plan, target):
    sam = {"dataset": "voc", "generator": {"method": "sam", "checkpoint": "."}}
    made = plan(voc=target(), sam=sam, cut={"dataset": "voc", "generator": {"method": "grabcut"}})
    assert made.runs["voc"].runs_network
    assert made.runs["sam"].runs_network
    assert not made.runs["cut"].runs_network


def test_without_a_segmenter_the_last_generator_makes_masks_once(plan, target, teacher):
    blind = teacher | {"generator": {"learn": "blind"}}
    masks = target(segmenter=None, generator={"from": "blind"}, evaluate=["voc"])
    made = plan(blind=blind, masks=masks, first=masks | {"generator": {"from": "blind", "stage": 1}})
    assert made.runs["masks"].stages == 1
    assert made.generator("masks", 1) == ["results/blind/stage3/generator.pt"]
    assert made.generator("first", 1) == ["results/blind/stage1/generator.pt"]
    assert made.mask_predictions("masks", 1, "voc") == []
    assert made.pseudo_masks("masks", 1, "voc") == "results/masks/stage1/voc/pseudo_masks.h5"


def test_a_finished_generator_from_a_file(plan, target):
    made = plan(voc=target(generator={"file": "results/teacher/stage3/generator.pt"}))
    assert made.generator("voc", 1) == made.generator("voc", 3) == ["results/teacher/stage3/generator.pt"]
    assert made.finished_generator("voc") == ["results/teacher/stage3/generator.pt"]
    assert made.finished_generator("teacher") == []


def test_labels_after_a_crf_are_learned_from_and_come_after_the_masks(plan, target):
    made = plan(voc=target(crf="labels"), cut=target(crf="labels", generator={"method": "grabcut"}))
    assert made.labels("voc", 0) == ["results/datasets/voc/boxes.h5"]
    assert made.labels("voc", 2) == ["results/voc/stage2/voc/pseudo_masks_crf.h5"]
    assert made.pseudo_masks("voc", 2, "voc") == "results/voc/stage2/voc/pseudo_masks.h5"
    assert made.labels("cut", 3) == ["results/cut/stage1/voc/pseudo_masks_crf.h5"]


# Masks of the datasets' own


def test_full_is_trained_on_masks_at_every_stage(plan):
    made = plan(full=FULL)
    assert made.labels("full", 0) == made.labels("full", 3) == ["results/datasets/voc/masks.h5"]


def test_listed_images_lend_their_own_masks_to_every_stage(plan, target, tmp_path):
    images = tmp_path / "train.txt"
    images.write_text("a\n")
    made = plan(voc=target(), semi=target(masks=str(images)))
    assert made.labels("semi", 0) == ["results/datasets/voc/boxes.h5", "results/semi/own_masks.h5"]
    assert made.labels("semi", 2)[-1] == "results/semi/own_masks.h5"  # where two hold an image, the later one counts
    assert Sources(made).own_masks("semi") == str(images)


def test_a_plan_of_many_stages_is_made_at_once(plan, target):
    made = plan(voc=target(generator={"from": "teacher", "stage": 3}, stages=40))
    assert made.labels("voc", 40) == ["results/voc/stage40/voc/pseudo_masks.h5"]


def test_a_run_without_a_segmenter_learns_its_generators_from_masks_alone(plan, target):
    alone = {"dataset": ["aux", "more"], "generator": {"learn": "alone"}}
    made = plan(alone=alone, masks=target(segmenter=None, generator={"from": "alone"}))
    assert made.run("alone").stages == 3
    assert made.training_predictions("alone", 3) == []
    assert made.generator("alone", 3) == made.last_generator("alone") == ["results/alone/stage3/generator.pt"]
    assert made.previous_generator("alone", 3) == ["results/alone/stage2/generator.pt"]
    assert made.generator("masks", 1) == ["results/alone/stage3/generator.pt"]
    assert "alone" not in made.starts and not any("alone" in name for name in made.starts)


@pytest.mark.parametrize("choice", [None, {"shipped": "general"}, {"shipped": "disjoint", "apply": {"flip": False}}])
def test_a_run_of_boxes_alone_takes_the_shipped_generator(plan, target, choice):
    name = choice["shipped"] if choice else "general"
    made = plan(voc=target(segmenter=None, evaluate=None, generator=choice))
    assert made.generator("voc", 1) == made.finished_generator("voc") == [str(SHIPPED[name].path)]
    assert made.shares_classes("voc")  # for masks are all that it makes
    assert Parameters(made).apply("voc", 1) == ((choice or {}).get("apply") or {})
    assert not made.shares_classes("teacher")


@pytest.mark.parametrize(
    ("generator", "changes", "shares"),
    [
        ({"shipped": "general"}, {}, True),
        ({"shipped": "disjoint"}, {}, False),
        ({"shipped": "disjoint"}, {"segmenter": None}, False),
        ({"shipped": "disjoint"}, {"segmenter": None, "evaluate": None}, True),
        ({"from": "alone"}, {"evaluate": None}, False),
        ({"from": "alone"}, {"segmenter": None, "evaluate": None}, True),
        ({"method": "grabcut"}, {"segmenter": None, "evaluate": None}, False),
    ],
)
def test_classes_may_be_shared_where_masks_are_all_that_is_made(plan, target, generator, changes, shares):
    alone = {"dataset": ["aux", "more"], "generator": {"learn": "alone"}}
    made = plan(alone=alone, voc=target(generator=generator, **changes))
    assert made.shares_classes("voc") == shares
    assert not made.shares_classes("alone")


def test_photographs_are_learned_by_a_segmenter_and_by_a_teacher(plan, target):
    made = plan(
        alone={"dataset": ["aux"], "generator": {"learn": "alone"}},
        voc=target(),
        masks=target(segmenter=None, generator={"method": "boxes"}),
    )
    boxes = "results/datasets/{}/boxes.h5".format
    assert boxes("voc") in made.learned_boxes("voc")
    assert boxes("voc") not in made.learned_boxes("masks")
