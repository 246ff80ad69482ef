"""The recursion over stages, and what runs share."""

import os
import shutil
from pathlib import Path

import pytest
from conftest import plan_of

from lpg.errors import InputError
from lpg.generators.shipped import SHIPPED
from lpg.planning.recursion import Plan
from lpg.planning.runs import Learned
from lpg.planning.scoring import Scoring
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
    assert made.segmenter_settings("voc.light", 0) == made.segmenter_settings("voc", 0)
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
        "gate": [plan.class_gate(run), plan.boxes(run), plan.teacher_boxes(run), plan.run_listing(run)],
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


def test_a_generic_generator_is_its_name_and_its_options(plan, target):
    made = plan(cut=target(generator={"method": "grabcut", "minimum_area": 0.2}), voc=target())
    assert made.method("cut") == {"name": "grabcut", "options": {"minimum_area": 0.2}}
    assert made.method("voc") == {}


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
    assert made.own_masks("semi") == str(images)


# Settings


def test_settings_may_change_from_stage_to_stage(plan, settings):
    settings["generators"]["hourglass"] = {"view": "box", "stages": [{"crop": 64}, {"crop": 96, "batch": 8}]}
    settings["segmenters"]["light"]["stages"] = [{"crop": 64}, {"crop": 96}]
    made = plan()
    assert made.generator_settings("teacher", 1) == {"architecture": "hourglass", "view": "box", "crop": 64}
    assert made.generator_settings("teacher", 2)["crop"] == made.generator_settings("teacher", 3)["crop"] == 96
    assert [made.segmenter_settings("teacher", stage)["crop"] for stage in range(4)] == [64, 96, 96, 96]


def test_a_stage_changes_the_recipe_and_not_the_stage_before_it(plan, settings):
    settings["generators"]["hourglass"] = {"batch": 16, "stages": [{"iterations": 400}, {"batch": 8}]}
    assert plan().generator_settings("teacher", 2) == {"architecture": "hourglass", "batch": 8}


@pytest.mark.parametrize(("section", "recipe", "other"), [
    ("segmenters", {"architecture": "fpn", "optimizer": "adamw", "flip_test": False}, {"batch": 8}),
    ("segmenters", {"architecture": "largefov", "momentum": 0.9, "scales": [0.5, 1.5]}, {"momentum": 0.8}),
    ("generators", {"architecture": "unet", "target_stride": 1, "initialisation": "imagenet"}, {"target_stride": 4}),
    ("generators", {"architecture": "unet", "view": "image", "focus": None}, {"initialisation": "none"}),
    ("generators", {"architecture": "unet", "view": "box", "context": [1.15, 1.7]}, {"context": [1.2, 1.7]}),
])  # fmt: skip
def test_a_number_that_is_written_out_is_no_other_number(settings, section, recipe, other):
    form = {key: recipe[key] for key in ("architecture", "view") if recipe.get(key, "image") != "image"}

    def asked(written: dict) -> dict:
        settings[section]["mine"] = written
        run = {"dataset": "aux", "segmenter": "light", "generator": {"learn": "hourglass"}}
        changed = {"segmenter": "mine"} if section == "segmenters" else {"generator": {"learn": "mine"}}
        made = plan_of({**settings, "runs": {"one": run | changed}})
        return (made.segmenter_settings if section == "segmenters" else made.generator_settings)("one", 1)

    assert asked(recipe) == asked(form) == form
    assert asked(recipe | other) == form | other


def test_mirrored_photographs_are_averaged_where_a_segmenter_is_applied_and_are_no_part_of_its_training(plan, settings):
    settings["segmenters"]["light"] |= {"flip_test": True, "stages": [{}, {}, {"flip_test": False}]}
    made = plan()
    assert [made.flip_test("teacher", stage) for stage in range(4)] == [True, True, False, False]
    assert not made.last_flip_test("teacher")
    assert all("flip_test" not in made.segmenter_settings("teacher", stage) for stage in range(4))


def test_an_option_of_a_method_that_is_written_out_at_its_default_is_no_other(plan, target):
    def asked(**options) -> dict:
        return plan(voc=target(generator={"method": "grabcut_plus", **options})).method("voc")

    assert asked(samples=20, side=224) == asked() == {"name": "grabcut_plus", "options": {}}
    assert asked(samples=6, side=224) == {"name": "grabcut_plus", "options": {"samples": 6}}


# How the paper makes masks.
PAPER = {"scale": [1.0], "flip": False, "guided_radius": 0.0, "score_weight": 0.0, "fusion": "overlap"}


def test_how_masks_are_made_is_merged_key_by_key_and_is_no_part_of_the_training(plan, settings):
    stages = [{}, {"apply": {"scale": 2}}, {"apply": {"flip": True, "guided_radius": 0}}]
    settings["generators"]["hourglass"] = {
        "view": "box",
        "apply": {"guided_radius": 0.1, "context": 1.4},
        "stages": stages,
    }
    made = plan()
    first = PAPER | {"guided_radius": 0.1, "context": 1.4, "magnify": None}
    assert made.apply("teacher", 1) == first
    assert made.apply("teacher", 2) == first | {"scale": [2.0]}
    assert made.apply("teacher", 3) == first | {"guided_radius": 0, "flip": True}
    assert all("apply" not in made.generator_settings("teacher", stage) for stage in (1, 2, 3))


def test_a_stage_may_be_the_first_to_say_how_masks_are_made(plan, settings):
    settings["generators"]["hourglass"] = {"stages": [{}, {"apply": {"flip": True}}]}
    assert [plan().apply("teacher", stage)["flip"] for stage in (1, 2, 3)] == [False, True, True]
    assert plan().last_apply("teacher")["flip"]


def test_how_masks_are_made_names_every_key_so_that_one_taken_out_counts(plan, settings, target):
    settings["generators"]["hourglass"] = {"apply": {"flip": True}}
    asked = [(run, stage) for run in ("teacher", "voc") for stage in (1, 3)]
    changed = [plan(voc=target()).apply(*one) for one in asked]
    del settings["generators"]["hourglass"]["apply"]
    plain = [plan(voc=target()).apply(*one) for one in asked]
    assert changed == [PAPER | {"flip": True}] * 4
    assert plain == [PAPER] * 4


def test_a_run_may_change_how_a_borrowed_generator_makes_masks_and_trains_nothing_anew(plan, target, settings):
    settings["generators"]["hourglass"] = {"apply": {"scale": 2, "guided_radius": 0.2}}
    apply = {"guided_radius": 0.1, "flip": True}
    made = plan(
        voc=target(),
        guided=target(generator={"from": "teacher", "apply": apply}),
        file=target(generator={"file": "results/teacher/stage3/generator.pt", "apply": apply}),
    )
    assert made.generator("guided", 2) == made.generator("voc", 2)
    assert made.segmenter("guided", 0) == made.segmenter("voc", 0)
    assert made.pseudo_masks("guided", 1, "voc") == "results/guided/stage1/voc/pseudo_masks.h5"
    assert made.segmenter("guided", 1) == "results/guided/stage1/segmenter.pt"
    assert made.apply("voc", 1) == PAPER | {"scale": [2.0], "guided_radius": 0.2}
    assert made.apply("guided", 1) == PAPER | {"scale": [2.0], "guided_radius": 0.1, "flip": True}
    assert made.apply("file", 1) == apply  # over what the checkpoint says
    assert {run: made.last_apply(run) for run in ("guided", "file")} == {
        "guided": made.apply("guided", 3),
        "file": apply,
    }


def test_a_borrower_applies_the_generator_as_the_stage_does_that_made_it(plan, target, settings):
    settings["generators"]["hourglass"] = {"stages": [{}, {"apply": {"flip": True}}]}
    made = plan(fixed=target(generator={"from": "teacher", "stage": 2}))
    assert made.apply("fixed", 1)["flip"] is True


def test_only_the_first_networks_start_from_weights(plan, target, settings):
    settings["segmenters"]["light"]["initialisation"] = "data/weights/r18.pth"
    made = plan(ready=target(generator={"learn": "ready"}))
    assert [made.generator_initialisation("ready", stage) for stage in (1, 2)] == [["data/weights/r18.pth"], []]
    assert made.generator_initialisation("teacher", 1) == []
    assert [made.segmenter_initialisation("ready", stage) for stage in (0, 1)] == [["data/weights/r18.pth"], []]


def test_every_stage_has_a_seed_of_its_own(plan, settings):
    settings["seed"] = 7
    assert len({plan().stage_seed(stage) for stage in range(4)}) == 4
    assert plan().stage_seed(0) == 7000


def test_permissions_are_no_settings_of_a_reader(plan, settings, target):
    settings["datasets"]["voc"]["clip_boxes"] = True
    made = plan(voc=target(allow_shared_classes=["cat"]))
    assert made.permissions("voc") == {"skip_unreadable": False, "clip_boxes": True, "follow_links": False}
    assert "clip_boxes" not in made.dataset_settings("voc")
    assert made.run_settings("voc") == {"voc": made.dataset_settings("voc")}
    assert made.listing("voc") == made.run_listing("voc") == ["results/voc.json"]
    assert (made.allowed("voc"), made.allowed("teacher")) == (["cat"], [])


def test_a_default_of_a_dataset_that_is_written_out_is_none_of_its_settings(plan, settings):
    bare = dict(settings["datasets"]["voc"])
    settings["datasets"]["voc"] |= {"fraction": 1.0, "classes": {}, "shards": 1}
    assert plan().dataset_settings("voc") == bare


def test_the_seed_is_a_datasets_where_a_part_of_it_is_drawn(plan, settings):
    settings["seed"] = 7
    assert plan().dataset_seed("voc") == 0
    settings["datasets"]["voc"]["fraction"] = 0.5
    assert plan().dataset_seed("voc") == 7


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
    assert made.apply("voc", 1) == ((choice or {}).get("apply") or {})
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


def test_scattered_annotations_have_another_digest_when_one_is_written_anew(plan, settings, target, tmp_path):
    settings["datasets"]["voc"] = {"format": "labelme", "images": str(tmp_path), "annotations": str(tmp_path)}
    made = plan(voc=target())
    assert made.annotations("voc") == ""
    digests = set()
    for name, text in (("a.json", "{}"), ("a.json", "[1]"), ("sub/b.json", "{}"), ("notes.txt", "")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
        digests.add(made.annotations("voc"))
    assert len(digests) == 3
    assert made.annotations("voc") in digests


def put(path: Path, text: str) -> None:
    """As `mv` and `cp -p` do: a file of another content that is older than anything here."""
    path.write_text(text)
    os.utime(path, (1_000_000_000 + len(text), 1_000_000_000))


def test_a_list_of_annotations_has_another_digest_when_an_older_one_takes_its_place(plan, settings, target, tmp_path):
    file, own = tmp_path / "boxes.json", tmp_path / "own.txt"
    put(own, "a")
    settings["datasets"]["voc"] = {"format": "coco", "images": str(tmp_path), "annotations": str(file)}
    made = plan(voc=target(masks=str(own)))
    told = [(made.annotations("voc"), made.run_annotations("voc"))]
    for path, text in ((file, "{}"), (file, "[1]"), (own, "a\nb")):
        put(path, text)
        told.append((made.annotations("voc"), made.run_annotations("voc")))
    assert told[0][0] == ""
    assert len({one for one, _ in told}) == 3 and len({run for _, run in told}) == 4


def test_what_the_workflow_makes_itself_is_as_it_was_before_it_was_there(plan, settings, target, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings["datasets"]["voc"] = {"format": "coco", "images": "results/drawn", "annotations": "results/drawn/b.json"}
    made = plan(voc=target())
    (tmp_path / "results/drawn").mkdir(parents=True)
    (tmp_path / "results/drawn/b.json").write_text("{}")
    assert made.annotations("voc") == ""


def test_a_finished_generator_has_another_digest_when_an_older_one_takes_its_place(plan, target, tmp_path):
    file, told = tmp_path / "generator.safetensors", []
    for name in ("general", "disjoint", "general"):
        shutil.copy2(SHIPPED[name].path, file)
        made = plan(voc=target(generator={"file": str(file)}), shipped=target(generator={"shipped": "general"}))
        told.append(made.generator_files("voc"))
    assert told[0] == told[2] != told[1] and all(told)
    assert made.generator_files("shipped") == "", "its digest is that of the package"


@pytest.mark.parametrize(
    ("method", "option", "name"),
    [("mcg", "proposals", ""), ("sam", "checkpoint", ""), ("grabcut_plus_hed", "hed", "a")],
)
def test_the_files_of_a_method_have_another_digest_when_one_is_written_anew(
    plan, target, tmp_path, method, option, name
):
    assert plan(voc=target(generator={"method": "grabcut"})).generator_files("voc") == ""
    assert plan(voc=target()).generator_files("voc") == ""
    digests, given = [], tmp_path / "given"
    given.mkdir()
    for text in ("1", "22"):
        (given / "sub").mkdir(exist_ok=True)
        (given / "a").write_text(text)
        (given / "sub" / "b").write_text("0")
        made = plan(voc=target(generator={"method": method, option: str(given / name)}))
        digests += [made.generator_files("voc"), made.generator_files("voc")]
    assert digests[0] == digests[1] != digests[2] == digests[3]
    assert all(digests)


def test_of_vocs_layout_the_annotations_that_a_list_names_are_watched(plan, settings, target, tmp_path):
    (tmp_path / "JPEGImages").mkdir()
    (tmp_path / "Annotations").mkdir()
    (tmp_path / "half.txt").write_text("a\nb\nmissing\n")
    settings["datasets"]["voc"] = {"format": "voc", "root": str(tmp_path), "split": str(tmp_path / "half.txt")}
    made, digests = plan(voc=target()), []
    for name, text in (("a", "1"), ("b", "1"), ("b", "12"), ("other", "1")):
        (tmp_path / "Annotations" / f"{name}.xml").write_text(text)
        digests.append(made.annotations("voc"))
    assert len(set(digests)) == 3 and digests[2] == digests[3] != ""


def test_a_shared_stage_0_is_not_trained_again_in_the_folder_of_a_run(plan, target):
    made = plan(voc=target())
    owner = made.owner("voc", 0)
    assert owner == "voc.light" and made.training_settings(owner, 0) == made.segmenter_settings("voc", 0)
    with pytest.raises(InputError, match=r"no segmenter of stage 0 of its own; ask for results/voc\.light/stage0/segm"):
        made.training_settings("voc", 0)
