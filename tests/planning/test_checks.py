"""Names that lead nowhere, and runs that cannot be."""

import pytest

from lpg.errors import InputError
from lpg.planning.parameters import Parameters

MASKS_ONLY = {"segmenter": None, "evaluate": None}
NO_SEGMENTER = "labels: masks trains a segmenter, and there is none; add one"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dataset": "vco"}, r"^runs\.voc: there is no dataset 'vco'; datasets has aux, more, voc, val$"),
        ({"evaluate": ["test"]}, r"^runs\.voc: there is no dataset 'test'; datasets has"),
        ({"segmenter": "nonsense"}, r"^runs\.voc: 'nonsense' is neither in segmenters nor an architecture; known are"),
        ({"generator": {"learn": "none"}}, r"^runs\.voc: 'none' is neither in generators nor an architecture; known"),
        ({"segmenter": "bare"}, r"^segmenters\.bare: the architecture is missing; add one of largefov, resnet101"),
        (
            {"generator": {"learn": "bare"}},
            r"^generators\.bare: the architecture is missing; add one of unet, hourglass",
        ),
        (
            {"segmenter": "masked"},
            r"^segmenters\.masked: lraspp has no single feature map for masking; take one of largefov, resnet101, "
            r"resnet18, unet, fpn, deeplabv3plus$",
        ),
        (
            {"generator": {"learn": "trunkless"}},
            r"^generators\.trunkless: hourglass has no trunk to start from; write initialisation: none$",
        ),
        # Keys that would do nothing
        (
            {"segmenter": "steady"},
            r"^segmenters\.steady\.momentum: adamw has none; take it away, or write optimizer: sgd$",
        ),
        (
            {"generator": {"learn": "focused"}},
            r"^generators\.focused: focus takes the place of scales; take one of the two away$",
        ),
        (
            {**MASKS_ONLY, "generator": {"learn": "alone", "ignore_band": [0.4, 0.6]}},
            r"^runs\.voc: ignore_band is about masks, and this run makes none; take it away$",
        ),
        (
            {"labels": "masks", "generator": {"learn": "hourglass", "ignore_band": [0.4, 0.6]}},
            r"^runs\.voc: ignore_band is about masks, and this run makes none; take it away$",
        ),
        (
            {**MASKS_ONLY, "generator": {"shipped": "general", "apply": {"score_weight": 0.5}}},
            r"^runs\.voc\.generator\.apply\.score_weight: masks cannot lean on scores, for the run has no segm",
        ),
        # Supervision
        (
            {"masks": "nowhere.txt"},
            r"^runs\.voc\.masks: nowhere\.txt does not exist; give a list of image names$",
        ),
        (
            {"labels": "masks", "generator": None, "evaluate": ["voc"]},
            r"^runs\.voc: a segmenter is not scored on photographs whose masks it has learned; add another dataset",
        ),
        (
            {"labels": "masks"},
            r"^runs\.voc: with labels: masks no generator makes masks; take one of the two away$",
        ),
        (
            {"labels": "masks", "generator": None, "masks": "some.txt"},
            r"^runs\.voc: labels: masks uses every mask already; take masks: some\.txt away$",
        ),
        (
            {**MASKS_ONLY, "generator": {"method": "boxes"}, "masks": "some.txt"},
            r"^runs\.voc: masks are for the segmenter, and there is none; add one, or take masks away$",
        ),
        # Without a segmenter
        (
            {"segmenter": None},
            r"^runs\.voc: there is no segmenter, and the generator of 'teacher' reads its scores; add a segmenter, or "
            r"add generators: {mine: {architecture: hourglass, score_dropout: 0\.5}} and write learn: mine "
            r"\('teacher' is trained anew then\)$",
        ),
        (
            {**MASKS_ONLY, "generator": {"learn": "hourglass"}},
            r"^runs\.voc: there is no segmenter whose scores the generator 'hourglass' could learn from; add one, or "
            r"add generators: {mine: {architecture: hourglass, score_dropout: 1}} and write learn: mine$",
        ),
        (
            {**MASKS_ONLY, "generator": {"learn": "blind"}},
            r"generator 'blind' could learn from; add one, or write score_dropout: 1 in generators\.blind$",
        ),
        (
            {"segmenter": None, "generator": {"learn": "alone"}},
            r"^runs\.voc: without a segmenter it learns generators and makes no masks; score them in a run that "
            r"borrows them: \{dataset: …, generator: \{from: voc\}, evaluate: \[…\]\}$",
        ),
        ({**MASKS_ONLY, "generator": None, "labels": "masks"}, rf"^runs\.voc: {NO_SEGMENTER}$"),
        (
            {**MASKS_ONLY, "generator": {"method": "boxes"}, "stages": 2},
            r"^runs\.voc: without a segmenter masks are made once; take stages away, or add a segmenter$",
        ),
        (
            {**MASKS_ONLY, "generator": {"method": "boxes"}, "stages": 0},
            r"^runs\.voc: without a segmenter masks are made once; take stages away, or add a segmenter$",
        ),
        (
            {**MASKS_ONLY, "generator": {"learn": "blind"}, "stages": 0},
            r"^runs\.voc\.stages: without one the run learns no generator; write 1 or more$",
        ),
        (
            {**MASKS_ONLY, "generator": {"method": "bcm"}},
            r"^runs\.voc: 'bcm' reads the scores of a segmenter; add one$",
        ),
        # Generators of others
        (
            {"generator": {"from": "techer"}},
            r"^runs\.voc: 'techer' learns no generator; those that do: teacher$",
        ),
        (
            {"generator": {"from": "teacher", "stage": 4}},
            r"^runs\.voc: stage 4 of 'teacher' is asked for, which has 3; give 'teacher' as many stages, or this run "
            r"fewer$",
        ),
        ({"stages": 4}, r"^runs\.voc: stage 4 of 'teacher' is asked for, which has 3; give"),
        (
            {"generator": {"from": "teacher", "apply": {"context": 1.2}}},
            r"^runs\.voc\.generator\.apply: 'teacher' has view: image, which crops no box; take context away$",
        ),
        ({"generator": {"file": "nowhere.pt"}}, r"^runs\.voc\.generator\.file: nowhere\.pt does not exist; mend the"),
        (
            {"generator": {"file": "results/techer/stage3/generator.pt"}},
            r"^runs\.voc\.generator\.file: results/techer/stage3/generator\.pt does not exist, and no run makes it; "
            r"mend the path, or write \{from: run\}$",
        ),
        (
            {"masks": "results/{half}.txt"},
            r"^runs\.voc\.masks: Snakemake takes what stands in braces in results/\{half\}\.txt for a wildcard; rename "
            r"it without braces$",
        ),
        # Methods
        ({"generator": {"method": "grab"}}, r"^runs\.voc\.generator\.method: 'grab' is no generator; known are boxes"),
        ({"generator": {"method": "boxes", "size": 1}}, r"'boxes' takes no option 'size'; it takes none$"),
        ({"generator": {"method": "mcg"}}, r"^runs\.voc\.generator: 'mcg' needs proposals; add it beside method$"),
        (
            {"generator": {"method": "grabcut_plus", "samples": "ten"}},
            r"^runs\.voc\.generator\.samples: 'ten' is not a whole number above 0; mend the value$",
        ),
        ({"generator": {"method": "grabcut_plus", "samples": 0}}, r"samples: 0 is not a whole number above 0; mend"),
        ({"generator": {"method": "grabcut_plus", "samples": True}}, r"samples: True is not a whole number above 0"),
        ({"generator": {"method": "grabcut", "minimum_area": -1}}, r"minimum_area: -1 is not a number, 0 or above;"),
        ({"generator": {"method": "mcg", "proposals": "/nowhere"}}, r"proposals: /nowhere does not exist; mend the"),
        # Weights
        (
            {"segmenter": "elsewhere"},
            r"^runs\.voc: the segmenter's initialisation 'weights/vgg16\.pth' is neither imagenet nor none nor a file "
            r"that is there; mend the path, or put the file there$",
        ),
        ({"segmenter": "typo"}, "the segmenter's initialisation 'imagnet' is neither imagenet nor none nor a file"),
        ({"generator": {"learn": "typo"}}, "the generator's initialisation 'imagnet' is neither imagenet nor none"),
        # CRF
        (
            {"generator": None, "labels": "masks", "crf": "labels"},
            r"^runs\.voc: crf: labels refines pseudo masks, and labels: masks has none; write crf: true$",
        ),
        (
            {"crf": True, "evaluate": None},
            r"^runs\.voc: crf: true refines what is scored; add evaluate, or write crf: labels$",
        ),
        (
            {"crf": "labels", "generator": {"from": "teacher", "ignore_band": [0.4, 0.6]}},
            r"^runs\.voc: after crf: labels no pixel is void; take ignore_band away, or write crf: true$",
        ),
    ],
)
def test_a_run_that_cannot_be_is_refused(plan, target, changes, message):
    with pytest.raises(InputError, match=message):
        plan(voc=target(**changes))


@pytest.mark.parametrize(
    ("section", "architecture", "able"),
    [
        ("segmenters", "resnet101", "unet, fpn, deeplabv3plus"),
        ("segmenters", "lraspp", "unet, fpn, deeplabv3plus"),
        ("generators", "resnet18", "unet"),
    ],
)
def test_a_trunk_for_an_architecture_that_takes_none_is_refused(plan, target, settings, section, architecture, able):
    changes = {"segmenters": {"segmenter": "odd"}, "generators": {"generator": {"learn": "odd"}}}[section]
    settings[section]["odd"] = {"architecture": architecture, "trunk": "tf_efficientnet_lite0"}
    message = rf"^{section}\.odd: {architecture} takes no trunk of timm; take trunk away, or take one of {able}$"
    with pytest.raises(InputError, match=message):
        plan(voc=target(**changes))
    settings[section]["odd"]["architecture"] = "unet"
    plan(voc=target(**changes))


@pytest.mark.parametrize("section", ["segmenters", "generators"])
def test_a_trunk_that_timm_has_not_is_refused_and_one_of_its_own_is_not(plan, target, settings, section):
    changes = {"segmenters": {"segmenter": "odd"}, "generators": {"generator": {"learn": "odd"}}}[section]
    settings[section]["odd"] = {"architecture": "unet", "trunk": "efficientnet_lite0x"}
    message = rf"^{section}\.odd\.trunk: timm has no encoder 'efficientnet_lite0x'; take one of timm\.list_models\(\), "
    with pytest.raises(InputError, match=message):
        plan(voc=target(**changes))
    settings[section]["odd"]["trunk"] = "resnet18.a1_in1k"
    plan(voc=target(**changes))


def test_a_rate_for_a_trunk_that_is_not_there_is_refused(plan, target, settings):
    settings["segmenters"]["odd"] = {"architecture": "largefov", "trunk_factor": 0.1}
    message = r"^segmenters\.odd: largefov takes no trunk of timm; take trunk_factor away, or take one of unet, fpn, "
    with pytest.raises(InputError, match=message):
        plan(voc=target(segmenter="odd"))


@pytest.mark.parametrize(
    ("architecture", "stride", "cure"),
    [
        ("unet", 8, "write 1 or 2 or 4"),
        ("deeplabv3plus", 4, "write 8 or 16"),
        ("fpn", 8, "take it away: its stride is fixed"),
        ("resnet101", 16, "take it away: its stride is fixed"),
    ],
)
def test_an_output_stride_that_a_network_has_not_is_refused(plan, target, settings, architecture, stride, cure):
    settings["segmenters"]["odd"] = {"architecture": architecture, "output_stride": stride}
    message = rf"^segmenters\.odd\.output_stride: {architecture} has no output stride of {stride}; {cure}$"
    with pytest.raises(InputError, match=message):
        plan(voc=target(segmenter="odd"))


@pytest.mark.parametrize("recipe", [{"batch": 1}, {"stages": [{}, {"batch": 1}]}])
def test_a_batch_of_one_is_refused_where_a_normalisation_sees_one_pixel(plan, target, settings, recipe):
    settings["segmenters"]["odd"] = {"architecture": "deeplabv3plus"} | recipe
    message = (
        r"^segmenters\.odd\.batch: deeplabv3plus normalises over the batch and cannot learn from 1 photograph; "
        "write 2 or more$"
    )
    with pytest.raises(InputError, match=message):
        plan(voc=target(segmenter="odd"))
    settings["segmenters"]["odd"] = {"architecture": "fpn"} | recipe
    plan(voc=target(segmenter="odd"))


@pytest.mark.parametrize(("crop", "batch", "refused"), [(32, 1, True), (33, 1, False), (32, 2, False)])
def test_one_crop_of_one_feature_is_refused(plan, target, settings, crop, batch, refused):
    settings["segmenters"]["odd"] = {"architecture": "fpn", "crop": 96, "stages": [{}, {"crop": crop, "batch": batch}]}
    if not refused:
        plan(voc=target(segmenter="odd"))
        return
    with pytest.raises(
        InputError, match=r"^segmenters\.odd: of one crop of 32 pixels .*; write batch: 2 or more, or a"
    ):
        plan(voc=target(segmenter="odd"))


@pytest.mark.parametrize(("crop", "nearest"), [(100, 96), (120, 128), (44, 32)])
def test_a_crop_that_would_stretch_masks_is_refused(plan, target, settings, crop, nearest):
    settings["generators"]["fine"] = {"architecture": "unet", "view": "box", "crop": crop}
    message = rf"^generators\.fine\.crop: {crop} is no multiple of 32, as unet wants it; write {nearest}$"
    with pytest.raises(InputError, match=message):
        plan(voc=target(generator={"learn": "fine"}))
    settings["generators"]["fine"]["crop"] = nearest
    plan(voc=target(generator={"learn": "fine"}))
    settings["generators"]["fine"]["stages"] = [{}, {"crop": crop}]
    with pytest.raises(InputError, match=message):
        plan(voc=target(generator={"learn": "fine"}))
    settings["generators"]["fine"] = {"architecture": "hourglass", "crop": crop}
    plan(voc=target(generator={"learn": "fine"}))


@pytest.mark.parametrize("changes", [{"context": [0.5, 1]}, {"stages": [{}, {"context": [0.5, 1]}]}])
def test_a_crop_that_would_cut_its_box_is_refused(plan, target, settings, changes):
    """The window would be the box's all the same."""
    settings["generators"]["near"] = {"architecture": "unet", "view": "box", **changes}
    message = r"^generators\.near\.context: 0\.5 sides of a box are less than the box; write 1 or more$"
    with pytest.raises(InputError, match=message):
        plan(voc=target(generator={"learn": "near"}))


def test_a_teacher_of_stage_0_alone_is_refused(plan, target, teacher):
    runs = {"first": teacher | {"generator": {"learn": "blind"}, "stages": 0}}
    runs["masks"] = target(segmenter=None, generator={"from": "first"})
    with pytest.raises(InputError, match=r"^runs\.masks: 'first' has stage 0 alone, and learns no generator; give it"):
        plan(**runs)


def test_braces_in_the_path_of_a_dataset_are_refused(plan, settings):
    settings["datasets"]["voc"]["annotations"] = "results/{pets}.json"
    with pytest.raises(InputError, match=r"^datasets\.voc: Snakemake takes what stands in braces in results/\{pets\}"):
        plan()


def test_a_generator_that_another_run_makes_or_hands_on_may_be_missing(plan, target):
    plan(voc=target(generator={"file": "results/teacher/stage3/generator.pt"}))
    plan(voc=target(generator={"file": "results/teacher/generator.safetensors"}))


def test_a_network_that_takes_a_trunk_may_start_from_imagenet_and_be_masked(plan, target, settings):
    settings["segmenters"]["deep"] = {"architecture": "fpn", "trunk": "resnet18", "masking": True}
    settings["generators"]["fine"] = {"architecture": "unet", "initialisation": "imagenet"}
    plan(voc=target(segmenter="deep", generator={"learn": "fine"}))


@pytest.mark.parametrize("name", ["datasets", "demo", "benchmarks", "tables"])
def test_the_folder_of_a_run_is_its_own(plan, target, name):
    with pytest.raises(InputError, match=f"^runs.{name}: a run cannot be called '{name}', for results/{name} is taken"):
        plan(**{name: target()})


def test_the_folder_of_a_dataset_is_its_own(plan, target, settings):
    settings["datasets"]["gallery"] = settings["datasets"]["voc"]
    with pytest.raises(
        InputError, match=r"^datasets: a dataset cannot be called 'gallery', for results/voc/stage1/gal"
    ):
        plan(voc=target(dataset="gallery"))


def test_what_results_and_the_fetched_weights_will_hold_may_be_missing(plan, target, settings):
    settings["segmenters"]["light"]["initialisation"] = "data/weights/r18.pth"
    plan(voc=target(generator={"file": "results/teacher/stage3/generator.pt"}, masks="results/some.txt"))


def test_without_scores_the_borrowed_stage_must_have_learned_with_score_dropout(plan, target, settings, teacher):
    settings["generators"]["blind"]["stages"] = [{}, {"score_dropout": 0}]
    runs = {"blind": teacher | {"generator": {"learn": "blind"}}, "masks": target(segmenter=None)}
    runs["masks"]["generator"] = {"from": "blind", "stage": 1}
    plan(**runs)
    runs["masks"]["generator"] = {"from": "blind"}
    with pytest.raises(
        InputError, match=r"^runs\.masks: there is no segmenter, and the generator of 'blind' reads its"
    ):
        plan(**runs)


def test_a_context_may_be_changed_where_the_generator_crops_boxes(plan, target, teacher):
    boxes = teacher | {"generator": {"learn": "crops"}}
    apply = {"context": 1.2}
    made = plan(boxes=boxes, voc=target(generator={"from": "boxes", "apply": apply}))
    assert Parameters(made).apply("voc", 1)["context"] == 1.2


def test_a_broken_teacher_is_named_before_the_runs_that_borrow_from_it(plan, target, teacher):
    odd = teacher | {"generator": {"learn": "nonsense"}}
    with pytest.raises(InputError, match=r"^runs\.odd: 'nonsense' is neither in generators nor an architecture"):
        plan(masks=target(segmenter=None, generator={"from": "odd"}), odd=odd)


# Twins


@pytest.mark.parametrize(
    "changes",
    [{}, {"evaluate": ["voc"]}, {"stages": 1}, {"crf": True}, {"allow_shared_classes": ["cat"]}],
    ids=lambda changes: next(iter(changes), "equal"),
)
def test_two_runs_that_compute_the_same_are_refused(plan, target, changes):
    with pytest.raises(
        InputError,
        match=r"^runs\.again: it computes what runs\.voc computes; keep one of them; it may have all their stages and "
        r"datasets to evaluate, crf: true scores both with and without a CRF, and a table may name it in several rows$",
    ):
        plan(voc=target(), again=target(**changes))


@pytest.mark.parametrize(
    "stages", [[{}, {"focus": None}], [{"focus": None, "scales": [1, 2]}, {}], [{"focus": None}]], ids=str
)
def test_scales_may_stand_beside_a_focus_that_not_all_stages_have(plan, target, settings, stages):
    settings["generators"]["focused"]["stages"] = stages
    plan(voc=target(generator={"learn": "focused"}))


def test_momentum_is_of_a_recipe_that_asks_for_sgd(plan, target, settings):
    settings["segmenters"]["steady"]["optimizer"] = "sgd"
    plan(voc=target(segmenter="steady"))


@pytest.mark.parametrize(
    "changes",
    [
        {"dataset": "val"},
        {"segmenter": "largefov"},
        {"crf": "labels"},
        {"labels": "masks", "generator": None},
        {"masks": "results/some.txt"},
        {"generator": {"from": "teacher", "stage": 3}},
        {"generator": {"from": "teacher", "apply": {"flip": True}}},
        {"generator": {"from": "teacher", "ignore_band": [0.4, 0.6]}},
        {"generator": {"method": "grabcut"}},
        {"segmenter": None, "generator": {"method": "grabcut"}},
    ],
    ids=str,
)
def test_two_runs_that_differ_in_what_they_compute_are_two(plan, target, changes):
    plan(voc=target(), other=target(**changes))


def test_a_method_with_other_options_is_another(plan, target):
    plan(a=target(generator={"method": "grabcut"}), b=target(generator={"method": "grabcut", "minimum_area": 0.5}))


# Tables


def table(**changes) -> dict:
    return {"table_2": {"split": "val", "what": ["segmenter"], "runs": {"HgNet (EM)": "voc"}, **changes}}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"runs": {"HgNet (EM)": "vco"}},
            r"^tables\.table_2\.runs: 'HgNet \(EM\)' is the run 'vco', which is not there; add it to runs$",
        ),
        ({"split": "voc"}, r"^tables\.table_2: 'voc' is not scored on voc; add it to its evaluate$"),
        (
            {"runs": {"Box": "masks"}},
            r"^tables\.table_2: 'masks' has no segmenter to score; take it out, or add pseudo masks to what$",
        ),
        (
            {"runs": {"Full": "full"}, "what": ["pseudo masks"]},
            r"^tables\.table_2: 'full' has no pseudo masks to score; take it out, or add segmenter to what$",
        ),
        (
            {"runs": {"Base": "base"}},
            r"^tables\.table_2: 'base' has stage 0 alone, and tables are of the others; take it out$",
        ),
        (
            {"split": "more"},
            r"^tables\.table_2: 'voc' learns more, and a segmenter is not scored on what it has learned from; take it",
        ),
    ],
)
def test_a_table_names_runs_that_are_scored_on_its_split(plan, target, settings, changes, message):
    runs = {
        "voc": target(dataset=["voc", "more"], evaluate=["val", "more"]),
        "masks": target(segmenter=None, generator={"method": "boxes"}),
        "full": target(labels="masks", generator=None),
        "base": target(stages=0),
    }
    settings["tables"] = table()
    plan(**runs)
    settings["tables"] = table(**changes)
    with pytest.raises(InputError, match=message):
        plan(**runs)


def test_a_finished_generator_is_a_checkpoint(plan, target, tmp_path):
    (tmp_path / "boxes.json").write_text("{}")
    with pytest.raises(
        InputError, match=r"^runs\.voc\.generator\.file: .*boxes\.json is no checkpoint; give a generator"
    ):
        plan(voc=target(generator={"file": str(tmp_path / "boxes.json")}))
    with pytest.raises(
        InputError, match=r"^runs\.voc\.generator\.file: .* is a folder, and a file is wanted; mend the"
    ):
        plan(voc=target(generator={"file": str(tmp_path)}))


def test_a_table_of_sources_is_there(plan, target, settings):
    settings["sources"] = "nosuch.yaml"
    with pytest.raises(InputError, match=r"^sources: nosuch\.yaml does not exist; mend the path, or take the key out$"):
        plan(voc=target())


def test_a_gallery_of_a_dataset_that_is_not_there_is_refused(plan, target, settings):
    settings["gallery"] = {"datasets": ["val", "vla"]}
    with pytest.raises(
        InputError, match=r"^gallery\.datasets: there is no dataset 'vla'; datasets has aux, more, voc, val$"
    ):
        plan(voc=target())
