"""Runs with decisions of people: files in the plan, where masks are made, and nothing where there are none."""

import os
from itertools import permutations
from pathlib import Path

import pytest
from conftest import ROOT

from lpg.errors import InputError
from lpg.generators.opening import PLAIN_METHODS
from lpg.generators.registry import METHODS
from lpg.planning.codes import Codes
from lpg.planning.deciding import Deciding


@pytest.fixture
def file(tmp_path) -> str:
    (tmp_path / "decisions.json").write_text("{}")
    return str(tmp_path / "decisions.json")


def test_decisions_are_of_the_runs_own_datasets(plan, target, file):
    made = Deciding(plan(voc=target(decisions=file, rejected="boxes"), plain=target()))
    assert made.files("voc", "voc") == [file] and made.rejected("voc", "voc") == "boxes"
    assert made.files("voc", "val") == [] and made.rejected("voc", "val") is None
    assert made.files("plain", "voc") == [] and made.rejected("plain", "voc") is None


def test_the_pictures_of_a_folder_are_watched_one_by_one(plan, target, tmp_path, file):
    for name in ("b__1.png", "sub/a__2.PNG", "notes.txt"):
        (tmp_path / "corrected" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "corrected" / name).touch()
    made = Deciding(plan(voc=target(decisions=[str(tmp_path / "corrected"), file])))
    pictures = [str(tmp_path / "corrected" / name) for name in ("b__1.png", "sub/a__2.PNG")]
    assert made.files("voc", "voc") == [*pictures, file]


def test_the_order_of_files_is_told(plan, target, tmp_path, file):
    """Of two decisions about a box the later one counts, and Snakemake compares inputs without their order."""
    other, folder = tmp_path / "other.json", tmp_path / "corrected"
    other.write_text("[]")
    folder.mkdir()
    (folder / "a__1.png").touch()
    orders = list(permutations([file, str(other), str(folder)]))
    told = {Deciding(plan(voc=target(decisions=list(order)))).digest("voc", "voc") for order in orders}
    assert len(told) == len(orders)
    made = Deciding(plan(voc=target(decisions=file), plain=target()))
    assert (made.digest("voc", "val"), made.digest("plain", "voc")) == ("", "")


@pytest.mark.parametrize("name", ["decisions.json", "corrected/a__1.png"])
def test_decisions_that_are_others_are_told_though_they_are_older(plan, target, tmp_path, name):
    file, told = tmp_path / name, []
    given = str(tmp_path / Path(name).parts[0])
    file.parent.mkdir(exist_ok=True)
    for text in ("{}", "[]", "{}"):
        file.write_text(text)
        os.utime(file, (1_000_000_000 + len(told),) * 2)
        told.append(Deciding(plan(voc=target(decisions=given))).digest("voc", "voc"))
    assert told[0] == told[2] != told[1], "by what is in them, for masks are not made again when a file is touched"


def test_the_names_of_pictures_are_told(plan, target, tmp_path, file):
    """A picture's name says whose mask it is, so that one with another name decides something else."""
    folder, told = tmp_path / "corrected", []
    folder.mkdir()
    for name in ("a__1.png", "a__2.png", "a__1.png"):
        (folder / name).touch()
        told.append(Deciding(plan(voc=target(decisions=str(folder)))).digest("voc", "voc"))
        (folder / name).unlink()
    assert told[0] and told[0] == told[2] != told[1]


def test_decisions_are_matched_among_all_photographs_of_the_run(plan, target, file):
    both = target(dataset=["voc", "val"])
    made = Deciding(plan(voc=both | {"decisions": file}, plain=both))
    assert made.other_boxes("voc", "voc") == ["results/datasets/val/boxes.h5"]
    assert made.other_boxes("voc", "val") == ["results/datasets/voc/boxes.h5"]
    assert made.other_boxes("plain", "voc") == []


def test_with_decisions_masks_depend_on_the_code_of_what_may_make_them_again(plan, target, file):
    made = plan(voc=target(decisions=file), plain=target())
    codes = Codes(made, ROOT / "workflow/scripts")
    assert codes.masks("plain", "voc") == codes.masks("voc", "val") == codes.generator("plain")
    assert codes.masks("voc", "voc") == [*codes.generator("voc"), *(METHODS[name] for name in PLAIN_METHODS)]
    assert "grabcut" in PLAIN_METHODS and not {"sam", "mcg", "bcm"} & set(PLAIN_METHODS)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"decisions": "nowhere.json"}, "runs.voc.decisions: nowhere.json does not exist; mend the path"),
        ({"decisions": ["{folder}"]}, r"runs\.voc\.decisions: .* has no PNG; name its files <image>__<object id>\.png"),
        (
            {"decisions": ["{photographs}"]},
            r"decisions: .*holiday\.png does not say whose mask it is; call it <image>__",
        ),
        ({"rejected": "boxes"}, "runs.voc: rejected is about decisions, and there are none; add them, or take it away"),
        (
            {"decisions": "{file}", "labels": "masks", "generator": None},
            "runs.voc: decisions are about masks, and this run makes none; take decisions away",
        ),
    ],
)
def test_decisions_about_nothing_are_refused(plan, target, tmp_path, file, changes, sentence):
    (tmp_path / "empty").mkdir()
    (tmp_path / "photographs").mkdir()
    (tmp_path / "photographs" / "holiday.png").touch()

    def filled(value):
        if isinstance(value, list):
            return [filled(part) for part in value]
        return (
            value.format(folder=tmp_path / "empty", photographs=tmp_path / "photographs", file=file)
            if isinstance(value, str)
            else value
        )

    with pytest.raises(InputError, match=sentence):
        plan(voc=target(**{key: filled(value) for key, value in changes.items()}))


def test_the_page_of_a_stage_shows_every_stage_once(plan, target, file):
    from lpg.planning.scoring import Scoring
    from lpg.planning.targets import Targets

    made = plan(voc=target(), cut=target(generator={"method": "grabcut"}))
    targets = Targets(made, Scoring(made))
    path = "results/{}/stage{}/voc/pseudo_masks.h5"
    assert targets.reviewed_masks("voc", 2, "voc") == [path.format("voc", 1), path.format("voc", 2)]
    assert targets.reviewed_stages("voc", 2) == ["1", "2"]
    assert targets.reviewed_masks("cut", 3, "voc") == [path.format("cut", 1)]
    assert targets.reviewed_stages("cut", 3) == ["1"]
