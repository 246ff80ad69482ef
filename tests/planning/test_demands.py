"""A file that is asked for of a run which cannot have it is one sentence, and never an empty file or a crash."""

import pytest

from lpg.errors import InputError
from lpg.planning.parameters import Parameters
from lpg.planning.rating import Rating
from lpg.planning.recursion import Plan
from lpg.planning.scoring import Scoring
from lpg.planning.sources import Sources
from lpg.planning.targets import Targets

MASKS_ALONE = {"dataset": "voc", "generator": {"method": "grabcut"}}
LEARNS_ALONE = {"dataset": "aux", "generator": {"learn": "alone"}}


@pytest.fixture
def made(plan, target):
    return plan(
        voc=target(), unscored=target(evaluate=None, dataset="val"),
        full=target(generator=None, labels="masks", evaluate=None), cut=MASKS_ALONE, alone=LEARNS_ALONE,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "method", "given", "sentence"),
    [
        (Plan, "check_stage", ("voc", 9), "runs.voc has no stage 9; ask for one up to 3, or give it more stages"),
        (Plan, "check_stage", ("voc.light", 1), "results/voc.light is the stage 0 that runs share, and has no stage 1"),
        (
            Parameters,
            "segmenter_initialisation",
            ("cut", 1),
            "runs.cut has no segmenter; add one to it, or ask for its",
        ),
        (Parameters, "segmenter_settings", ("alone", 0), "runs.alone has no segmenter; add one to it"),
        (Parameters, "generator_initialisation", ("cut", 1), "runs.cut has no generator that is learned; write gener"),
        (
            Parameters,
            "generator_initialisation",
            ("voc", 2),
            "runs.voc has no generator of its own; ask for that of 't",
        ),
        (Parameters, "generator_settings", ("teacher", 0), "runs.teacher has no generator of stage 0; ask for one of "),
        (Plan, "last_generator", ("cut",), "runs.cut has no trained generator; ask for that of a run that has one"),
        (Plan, "last_generator", ("full",), "runs.full has no trained generator; ask"),
        (Plan, "mask_predictions", ("full", 1, "voc"), "runs.full has no pseudo masks, for it learns from masks; ask "),
        (Plan, "mask_predictions", ("alone", 1, "voc"), "runs.alone has no pseudo masks, for it learns from masks; as"),
        (Plan, "mask_predictions", ("cut", 0, "voc"), "runs.cut has no pseudo masks of stage 0, where boxes are the "),
        (Sources, "own_masks", ("voc",), "runs.voc has no masks; add masks, a list of the images whose own masks are"),
    ],
)
def test_what_a_run_is_not_made_of_is_named(made, asked, method, given, sentence):
    with pytest.raises(InputError) as refused:
        getattr(made if asked is Plan else asked(made), method)(*given)
    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize("run", ["unscored", "full", "cut"])
def test_what_is_not_scored_has_no_scores(made, run):
    for ask in (Scoring(made).truth, Rating(made).calibration_truth):
        with pytest.raises(InputError, match=f"^runs.{run} has no .*evaluate.*; add .* with masks"):
            ask(run)
    with pytest.raises(InputError, match=r"^results/voc.light is the stage 0 .* has no evaluate; ask for a run's"):
        Scoring(made).truth("voc.light")


def test_a_table_of_no_scores_and_a_figure_of_no_network_are_none(plan):
    made = plan(cut=MASKS_ALONE)
    targets = Targets(made, Scoring(made))
    with pytest.raises(InputError, match=r"^no run has an evaluate; add a dataset with masks to one$"):
        targets.tabulated_scores()
    with pytest.raises(InputError, match=r"^runs.cut has no trained network; ask for the losses of a run that "):
        targets.checkpoints("cut")
