"""Rows of scores that say what they are, and the table of all of them."""

import json

import pandas as pd
import pytest

from lpg.evaluation.scores import score_stage, tabulate_scores

DESCRIPTION = {
    "run": "voc", "segmenter": "largefov", "initialisation": "imagenet", "generator": "hourglass, image",
    "supervision": "weak",
    "truth_of": ["val", "train"], "trained_on": ["train"],
    "scored": [
        {"what": "pseudo masks", "crf": "without", "split": "train"},
        {"what": "segmenter", "crf": "with", "split": "val"},
    ],
}  # fmt: skip


@pytest.fixture
def stage_scores(tmp_path, write_label_maps):
    """Score a stage whose masks are right on 1 of 2 pixels of each class, whose segmenter is right everywhere."""

    def score(stage: int) -> list[dict]:
        names = ("background", "a")
        val = write_label_maps("val.h5", names, {"val/x": [[0, 1]]})
        train = write_label_maps("train.h5", names, {"train/x": [[0, 0, 1, 1]]})
        masks = write_label_maps("masks.h5", names, {"train/x": [[0, 1, 0, 1]]})
        path = tmp_path / "scores.json"
        score_stage({**DESCRIPTION, "stage": stage}, truth=[val, train], labels=[masks, val], path=path)
        return json.loads(path.read_text())

    return score


def test_rows_of_a_stage_say_what_they_are(stage_scores):
    masks, segmenter = stage_scores(1)
    assert (masks["what"], masks["split"], masks["crf"]) == ("pseudo masks", "train", "without")
    assert masks["miou"] == pytest.approx(100 / 3)
    assert (segmenter["what"], segmenter["split"], segmenter["crf"]) == ("segmenter", "val", "with")
    assert segmenter["miou"] == 100
    assert (segmenter["trained_on"], segmenter["initialisation"]) == ("train", "imagenet")


def score_row(run: str, stage: int, miou: float, what: str = "segmenter") -> dict:
    return {
        "run": run, "stage": stage, "what": what, "split": "val", "images": 9, "miou": miou, "crf": "without",
        "generator": "g", "segmenter": "s", "initialisation": "none", "trained_on": "train",
        "iou": {"background": miou, "a": None},
    }  # fmt: skip


def test_table_compares_with_the_last_stage_of_the_upper_bound(tmp_path):
    rows = [
        score_row("voc", 3, 60), score_row("voc", 3, 70, "pseudo masks"), score_row("full", 0, 50),
        score_row("full", 3, 80), score_row("alone", 1, 40),
    ]  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps(rows[:2]))
    (tmp_path / "b.json").write_text(json.dumps(rows[2:]))
    tsv, json_path, html = (tmp_path / f"scores.{ending}" for ending in ("tsv", "json", "html"))
    bounds = {"voc": "full", "full": "full", "alone": None}
    tabulate_scores([tmp_path / "a.json", tmp_path / "b.json"], upper_bounds=bounds, tsv=tsv, json_path=json_path,
                    html=html)  # fmt: skip
    expected = [75, None, 62.5, 100, None]
    assert [row["per_cent_of_full"] for row in json.loads(json_path.read_text())] == expected
    table = pd.read_csv(tsv, sep="\t")
    assert table["miou"].tolist() == [60, 70, 50, 80, 40]
    assert table["iou background"].tolist() == [60, 70, 50, 80, 40] and table["iou a"].isna().all()
    assert "62.5" in html.read_text()


def test_rows_with_and_without_crf_compare_with_their_like(tmp_path, write_label_maps):
    names = ("background", "a")
    truth = write_label_maps("truth.h5", names, {"val/x": [[0, 0, 1, 1]]})
    files = {}
    for run, plain, refined in [("voc", [0, 1, 0, 1], [0, 0, 1, 0]), ("full", [0, 0, 1, 0], [0, 0, 1, 1])]:
        description = {
            "run": run, "stage": 1, "supervision": "weak", "segmenter": "s", "initialisation": "none", "generator": "g",
            "trained_on": ["train"], "truth_of": ["val"],
            "scored": [{"what": "segmenter", "split": "val", "crf": crf} for crf in ("without", "with")],
        }  # fmt: skip
        files[run] = tmp_path / f"{run}.json"
        maps = [write_label_maps(f"{run}{index}.h5", names, {"val/x": [labels]})
                for index, labels in enumerate((plain, refined))]  # fmt: skip
        score_stage(description, truth=[truth], labels=maps, path=files[run])
    paths = {key: tmp_path / f"table.{key}" for key in ("tsv", "json_path", "html")}
    tabulate_scores(list(files.values()), upper_bounds={"voc": "full", "full": "full"}, **paths)
    rows = json.loads(paths["json_path"].read_text())
    assert [(row["run"], row["what"], row["crf"]) for row in rows] == [
        ("voc", "segmenter", "without"), ("voc", "segmenter", "with"),
        ("full", "segmenter", "without"), ("full", "segmenter", "with"),
    ]  # fmt: skip
    third, better = 100 / 3, 100 * (2 / 3 + 1 / 2) / 2
    assert [row["miou"] for row in rows] == pytest.approx([third, better, better, 100])
    assert [row["per_cent_of_full"] for row in rows] == pytest.approx([100 * third / better, better, 100, 100])
