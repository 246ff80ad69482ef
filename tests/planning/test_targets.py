"""What is asked for."""

from collections.abc import Callable

import pytest

from lpg.errors import InputError
from lpg.planning.scoring import Scoring
from lpg.planning.targets import Targets

FULL = {"dataset": "voc", "segmenter": "light", "labels": "masks", "evaluate": ["val"]}


@pytest.fixture
def targets(plan) -> Callable[..., Targets]:
    """Of `teacher` and of the runs that it is given."""

    def of(**runs: dict) -> Targets:
        made = plan(**runs)
        return Targets(made, Scoring(made))

    return of


def wanted_of(run: str, targets: Targets) -> list[str]:
    return [path for path in targets.everything() if path.startswith(f"results/{run}/")]


def test_the_runs_that_are_wanted_for_themselves_are_those_that_nobody_borrows_from_or_scored(targets, target, teacher):
    assert [run.name for run in targets().products()] == ["teacher"]
    assert [run.name for run in targets(voc=target()).products()] == ["voc"]
    scored = teacher | {"generator": {"learn": "crops"}, "evaluate": ["val"]}
    assert [run.name for run in targets(own=scored, voc=target(generator={"from": "own"})).products()] == [
        "teacher",
        "own",
        "voc",
    ]


def test_everything_of_a_weak_run(targets, target):
    assert targets(voc=target(stages=2)).everything() == [
        "results/voc/stage2/segmenter.pt",
        "results/voc/stage1/voc/pseudo_masks",
        "results/voc/stage2/voc/pseudo_masks",
        "results/scores.html",
        "results/scores.png",
        "results/voc/stage1/gallery.png",
        "results/voc/stage2/gallery.png",
        "results/voc/losses.png",
    ]


def test_masks_that_are_made_once_are_exported_once(targets, target):
    made = targets(cut=target(dataset=["voc", "aux"], generator={"method": "grabcut"}))
    assert [path for path in wanted_of("cut", made) if path.endswith("pseudo_masks")] == [
        "results/cut/stage1/voc/pseudo_masks",
        "results/cut/stage1/aux/pseudo_masks",
    ]


def test_of_a_run_without_a_segmenter_masks_are_wanted(targets, target):
    made = targets(cut=target(segmenter=None, generator={"method": "grabcut"}))
    assert wanted_of("cut", made) == ["results/cut/stage1/voc/pseudo_masks", "results/cut/stage1/gallery.png"]


def test_full_has_no_masks_to_show(targets):
    wanted = wanted_of("full", targets(full=FULL))
    assert wanted == ["results/full/stage3/segmenter.pt", "results/full/losses.png"]
    learning = targets(full=FULL | {"dataset": "aux", "generator": {"learn": "hourglass"}})
    assert wanted_of("full", learning) == ["results/full/generator.safetensors", *wanted]


def test_scores_are_wanted_of_every_stage_of_a_run_that_is_scored(targets, target):
    made = targets(voc=target(stages=2), cut=target(segmenter=None, generator={"method": "boxes"}))
    assert made.stage_scores() == [
        *(f"results/voc/stage{stage}/scores.json" for stage in (0, 1, 2)),
        *(f"results/cut/stage{stage}/scores.json" for stage in (0, 1)),
    ]
    assert targets().stage_scores() == []
    assert not any("scores" in path for path in targets().everything())


def test_every_run_has_an_upper_bound_or_none(targets, target):
    assert targets(voc=target(), full=FULL).upper_bounds() == {"teacher": None, "voc": "full", "full": "full"}


# Looking


def test_a_run_is_looked_at_on_the_first_dataset_that_it_is_scored_on_or_its_own(targets, target):
    made = targets(voc=target(evaluate=["val", "more"]), own=target(evaluate=None, segmenter="largefov"))
    assert made.gallery_boxes("voc") == ["results/datasets/val/boxes.h5"]
    assert made.gallery_truth("voc") == ["results/datasets/val/masks.h5"]
    assert made.gallery_masks("voc", 2) == [f"results/voc/stage{stage}/val/pseudo_masks.h5" for stage in (1, 2)]
    assert made.gallery_segmentations("voc", 2) == ["results/voc/stage2/val/segmentations.h5"]
    assert made.gallery_boxes("own") == ["results/datasets/voc/boxes.h5"]
    assert made.gallery_masks("own", 1) == ["results/own/stage1/voc/pseudo_masks.h5"]
    assert (made.gallery_truth("own"), made.gallery_segmentations("own", 1)) == ([], [])


def test_a_configuration_may_ask_for_the_datasets_to_look_at(targets, target, settings):
    settings["gallery"] = {"datasets": ["voc", "val"]}
    made = targets(voc=target(stages=2), own=target(dataset="aux", evaluate=None))
    assert made.gallery_boxes("voc") == [f"results/datasets/{name}/boxes.h5" for name in ("voc", "val")]
    assert made.gallery_truth("voc") == ["results/datasets/val/masks.h5"]
    assert made.gallery_masks("voc", 2) == [
        f"results/voc/stage{stage}/{name}/pseudo_masks.h5" for stage in (1, 2) for name in ("voc", "val")
    ]
    assert made.gallery_segmentations("voc", 2) == ["results/voc/stage2/val/segmentations.h5"]
    assert made.gallery_datasets("own") == ["aux"], "it has none of them"


def test_every_gallery_that_is_made_has_a_first_page(targets, target):
    made = targets(voc=target(stages=2), full=FULL)
    assert made.galleries() == {"voc": {stage: f"results/voc/stage{stage}/gallery/index.html" for stage in (1, 2)}}


def test_where_labels_went_through_a_crf_those_are_looked_at(targets, target):
    made = targets(crf=target(crf="labels"), scored=target(segmenter="largefov", crf=True))
    assert made.gallery_masks("crf", 1) == ["results/crf/stage1/val/pseudo_masks_crf.h5"]
    assert made.gallery_masks("scored", 1) == ["results/scored/stage1/val/pseudo_masks.h5"]
    assert (made.gallery_refined("crf"), made.gallery_refined("scored")) == (True, False)


def test_losses_are_of_the_networks_of_a_run(targets, target):
    made = targets(
        voc=target(stages=2),
        fixed=target(generator={"from": "teacher", "stage": 3}, stages=2),
        cut=target(generator={"method": "grabcut"}, stages=0),
        shipped=target(generator={"shipped": "general"}, stages=1),
        full=FULL | {"stages": 0},
        supervised=FULL | {"stages": 0, "dataset": "aux", "generator": {"learn": "hourglass"}},
    )
    assert made.checkpoints("voc") == [
        "results/voc.light/stage0/segmenter.pt",
        "results/voc/stage1/segmenter.pt",
        "results/voc/stage2/segmenter.pt",
        "results/teacher/stage1/generator.pt",
        "results/teacher/stage2/generator.pt",
    ]
    assert made.checkpoints("fixed")[3:] == ["results/teacher/stage3/generator.pt"]  # once
    assert made.checkpoints("cut") == ["results/voc.light/stage0/segmenter.pt"]
    own = [f"results/{stage}/segmenter.pt" for stage in ("voc.light/stage0", "shipped/stage1")]
    assert made.checkpoints("shipped") == own
    assert made.checkpoints("full") == ["results/full/stage0/segmenter.pt"]
    assert made.checkpoints("supervised") == ["results/supervised/stage0/segmenter.pt"]


# Tables


def test_a_row_of_a_table_has_the_scores_of_its_stages_and_what_taught_its_generator(targets, target, settings):
    settings["tables"] = {"table_2": {"split": "val", "what": ["segmenter"], "runs": {"HgNet": "voc", "CRF": "cut"}}}
    made = targets(voc=target(), cut=target(generator={"method": "densecrf"}, stages=1))
    assert made.table_rows("table_2") == [
        {
            "label": "HgNet",
            "scores": [f"results/voc/stage{stage}/scores.json" for stage in (1, 2, 3)],
            "auxiliary": ["results/datasets/aux/masks.h5", "results/datasets/more/masks.h5"],
        },
        {"label": "CRF", "scores": ["results/cut/stage1/scores.json"], "auxiliary": []},
    ]
    own = targets(
        voc=target(dataset="aux", generator={"learn": "hourglass"}), cut=target(generator={"method": "boxes"})
    )
    assert own.table_rows("table_2")[0]["auxiliary"] == ["results/datasets/aux/masks.h5"]
    assert made.table_scores("table_2") == [path for row in made.table_rows("table_2") for path in row["scores"]]
    assert made.table_masks("table_2") == made.table_rows("table_2")[0]["auxiliary"]
    assert made.table_settings("table_2") == {"title": None, "split": "val", "what": ["segmenter"]}
    assert made.tables() == ["results/tables/table_2.html"]


def test_a_configuration_without_tables_says_where_they_are(targets):
    with pytest.raises(InputError, match=r"^the configuration has no tables; lay one of config/tables/ over it"):
        targets().tables()


def test_a_gallery_shows_segmentations_of_its_own_dataset_only(targets, target):
    made = targets(voc=target(evaluate=["voc", "val"], stages=1))
    assert made.gallery_datasets("voc") == ["voc"]  # which nobody segments, for it has no truth
    assert made.gallery_segmentations("voc", 1) == []


def test_a_gallery_asks_the_segmenter_itself_where_nothing_is_scored(targets, target, settings):
    runs = {"voc": target(), "own": target(dataset="more", evaluate=None)}
    runs["masks"] = target(segmenter=None, evaluate=None, generator={"method": "boxes"})
    made = targets(**runs)
    assert (made.gallery_segmenter("voc", 2), made.gallery_segmenter("masks", 1)) == ([], [])
    assert made.gallery_segmenter("own", 2) == ["results/own/stage2/segmenter.pt"]
    settings["gallery"] = {"datasets": ["voc", "val"]}
    assert targets(**runs).gallery_segmenter("voc", 2) == ["results/voc/stage2/segmenter.pt"], "val alone is scored"


def test_a_generator_that_is_learned_alone_is_handed_on_whoever_borrows_it(targets, target):
    alone = {"dataset": ["aux", "more"], "generator": {"learn": "alone"}}
    masks = target(segmenter=None, generator={"from": "alone"}, evaluate=None)
    for runs in ({"alone": alone}, {"alone": alone, "masks": masks}):
        assert wanted_of("alone", targets(**runs)) == ["results/alone/generator.safetensors"]
