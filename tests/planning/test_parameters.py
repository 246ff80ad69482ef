"""What rules are told of recipes."""

import pytest
from conftest import plan_of

from lpg.errors import InputError
from lpg.planning.parameters import Parameters


def test_a_generic_generator_is_its_name_and_its_options(plan, target):
    made = Parameters(plan(cut=target(generator={"method": "grabcut", "minimum_area": 0.2}), voc=target()))
    assert made.method("cut") == {"name": "grabcut", "options": {"minimum_area": 0.2}}
    assert made.method("voc") == {}


# Settings


def test_settings_may_change_from_stage_to_stage(plan, settings):
    settings["generators"]["hourglass"] = {"view": "box", "stages": [{"crop": 64}, {"crop": 96, "batch": 8}]}
    settings["segmenters"]["light"]["stages"] = [{"crop": 64}, {"crop": 96}]
    made = Parameters(plan())
    assert made.generator_settings("teacher", 1) == {"architecture": "hourglass", "view": "box", "crop": 64}
    assert made.generator_settings("teacher", 2)["crop"] == made.generator_settings("teacher", 3)["crop"] == 96
    assert [made.segmenter_settings("teacher", stage)["crop"] for stage in range(4)] == [64, 96, 96, 96]


def test_a_stage_changes_the_recipe_and_not_the_stage_before_it(plan, settings):
    settings["generators"]["hourglass"] = {"batch": 16, "stages": [{"iterations": 400}, {"batch": 8}]}
    assert Parameters(plan()).generator_settings("teacher", 2) == {"architecture": "hourglass", "batch": 8}


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
        made = Parameters(plan_of({**settings, "runs": {"one": run | changed}}))
        return (made.segmenter_settings if section == "segmenters" else made.generator_settings)("one", 1)

    assert asked(recipe) == asked(form) == form
    assert asked(recipe | other) == form | other


def test_mirrored_photographs_are_averaged_where_a_segmenter_is_applied_and_are_no_part_of_its_training(plan, settings):
    settings["segmenters"]["light"] |= {"flip_test": True, "stages": [{}, {}, {"flip_test": False}]}
    made = Parameters(plan())
    assert [made.flip_test("teacher", stage) for stage in range(4)] == [True, True, False, False]
    assert not made.last_flip_test("teacher")
    assert all("flip_test" not in made.segmenter_settings("teacher", stage) for stage in range(4))


def test_an_option_of_a_method_that_is_written_out_at_its_default_is_no_other(plan, target):
    def asked(**options) -> dict:
        return Parameters(plan(voc=target(generator={"method": "grabcut_plus", **options}))).method("voc")

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
    made = Parameters(plan())
    first = PAPER | {"guided_radius": 0.1, "context": 1.4, "magnify": None}
    assert made.apply("teacher", 1) == first
    assert made.apply("teacher", 2) == first | {"scale": [2.0]}
    assert made.apply("teacher", 3) == first | {"guided_radius": 0, "flip": True}
    assert all("apply" not in made.generator_settings("teacher", stage) for stage in (1, 2, 3))


def test_a_stage_may_be_the_first_to_say_how_masks_are_made(plan, settings):
    settings["generators"]["hourglass"] = {"stages": [{}, {"apply": {"flip": True}}]}
    assert [Parameters(plan()).apply("teacher", stage)["flip"] for stage in (1, 2, 3)] == [False, True, True]
    assert Parameters(plan()).last_apply("teacher")["flip"]


def test_how_masks_are_made_names_every_key_so_that_one_taken_out_counts(plan, settings, target):
    settings["generators"]["hourglass"] = {"apply": {"flip": True}}
    asked = [(run, stage) for run in ("teacher", "voc") for stage in (1, 3)]
    changed = [Parameters(plan(voc=target())).apply(*one) for one in asked]
    del settings["generators"]["hourglass"]["apply"]
    plain = [Parameters(plan(voc=target())).apply(*one) for one in asked]
    assert changed == [PAPER | {"flip": True}] * 4
    assert plain == [PAPER] * 4


def test_a_run_may_change_how_a_borrowed_generator_makes_masks_and_trains_nothing_anew(plan, target, settings):
    settings["generators"]["hourglass"] = {"apply": {"scale": 2, "guided_radius": 0.2}}
    apply = {"guided_radius": 0.1, "flip": True}
    made = Parameters(
        plan(
            voc=target(),
            guided=target(generator={"from": "teacher", "apply": apply}),
            file=target(generator={"file": "results/teacher/stage3/generator.pt", "apply": apply}),
        )
    )
    assert made.plan.generator("guided", 2) == made.plan.generator("voc", 2)
    assert made.plan.segmenter("guided", 0) == made.plan.segmenter("voc", 0)
    assert made.plan.pseudo_masks("guided", 1, "voc") == "results/guided/stage1/voc/pseudo_masks.h5"
    assert made.plan.segmenter("guided", 1) == "results/guided/stage1/segmenter.pt"
    assert made.apply("voc", 1) == PAPER | {"scale": [2.0], "guided_radius": 0.2}
    assert made.apply("guided", 1) == PAPER | {"scale": [2.0], "guided_radius": 0.1, "flip": True}
    assert made.apply("file", 1) == apply  # over what the checkpoint says
    assert {run: made.last_apply(run) for run in ("guided", "file")} == {
        "guided": made.apply("guided", 3),
        "file": apply,
    }


def test_a_borrower_applies_the_generator_as_the_stage_does_that_made_it(plan, target, settings):
    settings["generators"]["hourglass"] = {"stages": [{}, {"apply": {"flip": True}}]}
    made = Parameters(plan(fixed=target(generator={"from": "teacher", "stage": 2})))
    assert made.apply("fixed", 1)["flip"] is True


def test_only_the_first_networks_start_from_weights(plan, target, settings):
    settings["segmenters"]["light"]["initialisation"] = "data/weights/r18.pth"
    made = Parameters(plan(ready=target(generator={"learn": "ready"})))
    assert [made.generator_initialisation("ready", stage) for stage in (1, 2)] == [["data/weights/r18.pth"], []]
    assert made.generator_initialisation("teacher", 1) == []
    assert [made.segmenter_initialisation("ready", stage) for stage in (0, 1)] == [["data/weights/r18.pth"], []]


def test_every_stage_has_a_seed_of_its_own(plan, settings):
    settings["seed"] = 7
    assert len({Parameters(plan()).stage_seed(stage) for stage in range(4)}) == 4
    assert Parameters(plan()).stage_seed(0) == 7000


def test_a_shared_stage_0_is_not_trained_again_in_the_folder_of_a_run(plan, target):
    made = Parameters(plan(voc=target()))
    owner = made.plan.owner("voc", 0)
    assert owner == "voc.light" and made.training_settings(owner, 0) == made.segmenter_settings("voc", 0)
    with pytest.raises(InputError, match=r"no segmenter of stage 0 of its own; ask for results/voc\.light/stage0/segm"):
        made.training_settings("voc", 0)
