"""The recursion over stages, and what runs share."""

import pytest

from lpg.errors import InputError
from lpg.planning.recursion import Plan
from lpg.planning.checks import check_plan


def plan(**runs) -> Plan:
    teacher = {"dataset": ["aux", "more"], "segmenter": "light", "generator": {"learn": "hourglass"}}
    config = {
        "stages": 3,
        "datasets": {"aux": {}, "more": {}, "voc": {}, "val": {}},
        "segmenters": {
            "light": {"architecture": "resnet18"},
            "typo": {"architecture": "resnet18", "initialisation": "imagnet"},
            "bare": {"iterations": 5},
            "masked": {"architecture": "lraspp", "masking": True},
            "backwards": {"architecture": "resnet18", "scales": [2, 1]},
            "elsewhere": {"architecture": "largefov", "initialisation": "weights/vgg16.pth"},
        },
        "generators": {
            "blind": {"architecture": "hourglass", "score_dropout": 0.5},
            "late": {"architecture": "hourglass", "stages": [{}, {"focus": [3, 1]}]},
            "ready": {"architecture": "resnet18", "initialisation": "data/weights/r18.pth"},
            "typo": {"architecture": "resnet18", "initialisation": "imagnet"},
            "trunkless": {"architecture": "hourglass", "initialisation": "imagenet"},
        },
        "runs": {"teacher": teacher, **runs},
    }
    made = Plan(config)
    check_plan(made)
    return made


def target(**changes) -> dict:
    return {"dataset": "voc", "segmenter": "light", "generator": {"from": "teacher"}, "evaluate": ["val"], **changes}


def test_the_recursion_of_the_design():
    made = plan(voc=target())
    assert made.labels("voc", 0) == ["results/datasets/voc/boxes.h5"]
    assert made.segmenter_start("voc", 0) == []
    assert made.labels("voc", 2) == ["results/voc/stage2/pseudo_masks.h5"]
    assert made.segmenter_start("voc", 2) == ["results/voc/stage1/segmenter.pt"]
    assert made.generator("voc", 2) == ["results/teacher/stage2/generator.pt"]
    assert made.generator_predictions("voc", 2) == ["results/voc/stage1/predictions.h5"]
    assert made.generator_start("teacher", 1) == []
    assert made.generator_start("teacher", 3) == ["results/teacher/stage2/generator.pt"]


def test_a_run_over_two_datasets_reads_both():
    assert plan().boxes("teacher") == ["results/datasets/aux/boxes.h5", "results/datasets/more/boxes.h5"]
    assert plan().labels("teacher", 0) == plan().boxes("teacher")


def test_without_a_segmenter_the_last_generator_makes_masks_once():
    blind = {"dataset": ["aux", "more"], "segmenter": "light", "generator": {"learn": "blind"}}
    made = plan(blind=blind, masks={"dataset": "voc", "generator": {"from": "blind"}, "evaluate": ["voc"]})
    assert made.generator("masks", 1) == ["results/blind/stage3/generator.pt"]
    assert made.generator_predictions("masks", 1) == []
    assert ("masks", 1) in made.masked_stages()
    assert made.generator_name("masks") == "hourglass, image, stage 3 without scores"
    made.config["generators"]["blind"]["stages"] = [{}, {"score_dropout": 0}]
    with pytest.raises(InputError, match=r"runs\.masks: add a segmenter; the generator of 'blind' reads its scores"):
        check_plan(made)
    made.config["runs"]["masks"]["generator"]["stage"] = 1
    check_plan(made)


def test_an_evaluated_dataset_has_its_own_folder_in_the_stage():
    made = plan(voc=target())
    assert made.pseudo_masks("voc", 2, "val") == "results/voc/stage2/val/pseudo_masks.h5"
    assert made.pseudo_masks("voc", 0, "val") == "results/datasets/val/boxes.h5"
    assert made.generator_predictions("voc", 2, "val") == ["results/voc/stage1/val/predictions.h5"]
    assert made.scored_segmentations("voc", 2) == {"val": "results/voc/stage2/val/segmentations.h5"}


def test_the_training_data_can_be_scored_too_but_not_its_segmenter():
    made = plan(voc=target(evaluate=["voc", "val"]))
    assert made.scored_masks("voc", 1)["voc"] == "results/voc/stage1/pseudo_masks.h5"
    assert list(made.scored_segmentations("voc", 1)) == ["val"]


def test_runs_that_differ_later_share_stage_0():
    made = plan(voc=target(), fixed=target(generator={"from": "teacher", "stage": 3}))
    for kind in ("segmenter", "predictions"):
        assert made.path(kind, "fixed", 0) == made.path(kind, "voc", 0)
    assert made.generator("fixed", 1) == ["results/teacher/stage3/generator.pt"]
    assert made.path("pseudo_masks", "fixed", 1) == "results/fixed/stage1/pseudo_masks.h5"
    # Stage 3 uses the same generator, but on other scores.
    assert made.path("pseudo_masks", "fixed", 3) == "results/fixed/stage3/pseudo_masks.h5"


def test_equal_runs_share_everything():
    made = plan(voc=target(), again=target())
    assert made.path("segmenter", "again", 3) == "results/voc/stage3/segmenter.pt"
    assert made.scored_segmentations("again", 3) == made.scored_segmentations("voc", 3)


def test_a_generic_generator_needs_no_scores_and_makes_its_masks_once():
    made = plan(cut=target(generator={"method": "grabcut"}))
    assert made.generator("cut", 2) == []
    assert made.generator_predictions("cut", 2) == []
    assert made.path("pseudo_masks", "cut", 3) == "results/cut/stage1/pseudo_masks.h5"


def test_another_segmenter_shares_nothing_that_depends_on_it():
    made = plan(voc=target(), large=target(segmenter="largefov"))
    assert made.path("segmenter", "large", 0) == "results/large/stage0/segmenter.pt"
    assert made.generator("large", 1) == made.generator("voc", 1)


def test_full_is_trained_on_masks_and_is_the_upper_bound_of_the_weak_run():
    made = plan(voc=target(), full={"dataset": "voc", "segmenter": "light", "labels": "masks", "evaluate": ["val"]})
    assert made.labels("full", 0) == made.labels("full", 3) == ["results/datasets/voc/masks.h5"]
    assert made.upper_bound("voc") == "full"
    assert made.upper_bound("teacher") is None
    made.config["runs"]["voc"]["stages"] = 1
    assert made.upper_bound("voc") == "full"


def test_settings_may_change_from_stage_to_stage():
    made = plan()
    made.config["generators"]["hourglass"] = {"view": "box", "stages": [{"crop": 64}, {"crop": 96, "batch": 8}]}
    assert made.generator_settings("teacher", 1) == {"architecture": "hourglass", "view": "box", "crop": 64}
    assert made.generator_settings("teacher", 2)["crop"] == made.generator_settings("teacher", 3)["crop"] == 96
    made.config["segmenters"]["light"]["stages"] = [{"crop": 64}, {"crop": 96}]
    assert [made.segmenter_settings("teacher", stage)["crop"] for stage in range(4)] == [64, 96, 96, 96]


def test_a_finished_generator_from_a_file():
    made = plan(voc=target(generator={"file": "results/g.pt"}))
    assert made.generator("voc", 1) == made.generator("voc", 3) == ["results/g.pt"]


def test_listed_images_lend_their_own_masks_to_every_stage(tmp_path):
    images = tmp_path / "train.txt"
    images.write_text("a\n")
    made = plan(voc=target(), semi=target(masks=str(images)))
    assert made.labels("semi", 0) == ["results/datasets/voc/boxes.h5", "results/semi/own_masks.h5"]
    assert made.labels("semi", 2)[-1] == "results/semi/own_masks.h5"  # where two hold an image, the later one counts
    assert made.path("segmenter", "semi", 0) == "results/semi/stage0/segmenter.pt"
    assert [made.supervision(run) for run in ("voc", "semi")] == ["weak", "semi"]


def test_only_the_first_generator_starts_from_weights_and_rows_say_so():
    made = plan(ready=target(generator={"learn": "ready"}))
    assert [made.generator_initialisation("ready", stage) for stage in (1, 2)] == [["data/weights/r18.pth"], []]
    assert made.generator_initialisation("teacher", 1) == []
    assert made.generator_name("ready") == "resnet18 from data/weights/r18.pth, image"
    assert made.generator_name("teacher") == "hourglass, image"


def test_a_run_may_change_how_a_borrowed_generator_makes_masks_and_trains_nothing_anew():
    made = plan(voc=target(), guided=target(generator={"from": "teacher", "guided_radius": 0.1, "flip_test": True}))
    assert made.generator("guided", 2) == made.generator("voc", 2)
    assert made.path("segmenter", "guided", 0) == made.path("segmenter", "voc", 0)
    assert made.path("pseudo_masks", "guided", 1) == "results/guided/stage1/pseudo_masks.h5"
    assert made.path("segmenter", "guided", 1) == "results/guided/stage1/segmenter.pt"
    assert (made.test_settings("voc"), made.test_settings("guided")) == ({}, {"flip_test": True, "guided_radius": 0.1})
    assert made.generator_name("guided") == "hourglass, image, flip_test True, guided_radius 0.1"


def test_a_plan_of_many_stages_is_made_at_once():
    made = plan(voc=target(stages=3) | {"generator": {"from": "teacher", "stage": 3}, "stages": 40})
    assert made.labels("voc", 40) == ["results/voc/stage40/pseudo_masks.h5"]


def test_only_networks_ask_for_the_gpu():
    sam = {"dataset": "voc", "generator": {"method": "sam", "checkpoint": "."}}
    made = plan(voc=target(), sam=sam, cut={"dataset": "voc", "generator": {"method": "grabcut"}})
    assert made.runs_network("voc")
    assert made.runs_network("sam")
    assert not made.runs_network("cut")


def test_a_method_without_a_segmenter_makes_masks_once_and_trains_nothing():
    made = plan(cut={"dataset": "voc", "generator": {"method": "grabcut"}, "evaluate": ["val"]})
    assert made.stages("cut") == 1
    assert made.scored_masks("cut", 1) == {"val": "results/cut/stage1/val/pseudo_masks.h5"}
    assert made.scored_segmentations("cut", 1) == {}
    assert made.checkpoints("cut") == []
    assert made.upper_bound("cut") is None


def test_a_table_names_runs_that_are_scored_on_its_split():
    made = plan(voc=target())
    made.config["tables"] = {"table_2": {"split": "val", "what": ["segmenter"], "runs": {"HgNet (EM)": "voc"}}}
    check_plan(made)
    (row,) = made.table_rows("table_2")
    assert row["scores"] == [f"results/voc/stage{stage}/scores.json" for stage in (1, 2, 3)]
    assert row["auxiliary"] == ["results/datasets/aux/boxes.h5", "results/datasets/more/boxes.h5"]
    made.config["tables"]["table_2"]["runs"] = {"HgNet (EM)": "vco"}
    with pytest.raises(InputError, match=r"^tables\.table_2\.runs: 'HgNet \(EM\)' is the run 'vco', which is not"):
        check_plan(made)
    made.config["tables"]["table_2"] = {"split": "voc", "what": ["segmenter"], "runs": {"HgNet (EM)": "voc"}}
    with pytest.raises(InputError, match=r"^tables\.table_2: 'voc' is not scored on voc; add it to its evaluate"):
        check_plan(made)
    made = plan(voc=target(), masks={"dataset": "voc", "generator": {"method": "boxes"}, "evaluate": ["val"]})
    made.config["tables"] = {"table_4": {"split": "val", "what": ["segmenter"], "runs": {"Box": "masks"}}}
    with pytest.raises(InputError, match=r"^tables\.table_4: 'masks' has no segmenter to score; take it out, or add"):
        check_plan(made)


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (target(dataset="vco"), "there is no dataset 'vco'; datasets has aux, more, voc, val"),
        (target(evaluate=["test"]), "there is no dataset 'test'"),
        (target(generator={"from": "techer"}), "'techer' learns no generator; those that do: teacher"),
        (target(generator={"from": "teacher", "stage": 4}), "stage 4 of 'teacher' is asked for, which has 3"),
        ({"dataset": "voc", "segmenter": "light"}, "add a generator, or labels: masks"),
        ({"dataset": "voc", "generator": {"from": "teacher"}}, "add a segmenter; the generator of 'teacher' reads its"),
        ({"dataset": "voc", "generator": {"learn": "hourglass"}}, "add a segmenter; only a run that takes a finished"),
        ({"dataset": "voc", "labels": "masks"}, "add a segmenter; only a run that takes a finished"),
        (target(masks="nowhere.txt"), r"runs\.voc\.masks: nowhere\.txt does not exist; give a list of image names"),
        (target(labels="masks", masks="some.txt"), "labels: masks uses every mask already; take masks: some.txt away"),
        (target(generator={"method": "grab"}), r"runs\.voc\.generator\.method: 'grab' is no generator; known are"),
        (target(generator={"method": "boxes", "size": 1}), "'boxes' takes no option 'size'; it takes none"),
        (target(generator={"method": "grabcut_plus", "samples": "ten"}), "'ten' is not a whole number above 0; mend"),
        (target(generator={"method": "grabcut_plus", "samples": 0}), "samples: 0 is not a whole number above 0"),
        (target(generator={"method": "grabcut", "minimum_area": -1}), "minimum_area: -1 is not a number, 0 or above"),
        (target(generator={"method": "mcg", "proposals": "/nowhere"}), "proposals: /nowhere does not exist; mend"),
        (target(generator={"file": "nowhere.pt"}), r"runs\.voc\.generator\.file: nowhere\.pt does not exist; mend the"),
        (target(generator={"from": "teacher", "test_context": 1.2}), "test_context: 'teacher' has view: image, which"),
        (target(segmenter="elsewhere"), "'weights/vgg16.pth' is neither imagenet nor none nor a file that is there"),
        (target(segmenter="typo"), "initialisation 'imagnet' is neither imagenet nor none nor a file"),
        (target(generator={"learn": "typo"}), "the generator's initialisation 'imagnet' is neither imagenet nor none"),
        (target(generator={"learn": "trunkless"}), r"generators\.trunkless: hourglass has no trunk to start from"),
        (target(segmenter="bare"), r"segmenters\.bare: add architecture, which is one of largefov, resnet101"),
        (target(segmenter="masked"), r"segmenters\.masked: lraspp has no single feature map for masking"),
        (target(segmenter="backwards"), r"segmenters\.backwards\.scales: \[2, 1\] runs backwards; write \[1, 2\]"),
        (target(generator={"learn": "late"}), r"generators\.late\.focus: \[3, 1\] runs backwards"),
        ({"dataset": "voc", "generator": {"method": "boxes"}, "masks": "some.txt"}, "masks are for the segmenter, and"),
        ({"dataset": "voc", "generator": {"method": "boxes"}, "stages": 2}, "without a segmenter masks are made once"),
    ],
)
def test_names_that_lead_nowhere_are_refused(run, message):
    with pytest.raises(InputError, match=message):
        plan(voc=run)


def test_a_broken_teacher_is_named_before_the_runs_that_borrow_from_it():
    odd = {"dataset": "aux", "segmenter": "light", "generator": {"learn": "nonsense"}}
    with pytest.raises(InputError, match=r"^runs\.odd: 'nonsense' is neither in generators nor an architecture"):
        plan(masks={"dataset": "voc", "generator": {"from": "odd"}}, odd=odd)
