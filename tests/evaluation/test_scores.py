"""Rows of scores that say what they are, and the table of all of them."""

import json
from html.parser import HTMLParser

import pandas as pd
import pytest

from lpg.evaluation.score_tables import score_tables
from lpg.evaluation.scores import tabulate_scores
from lpg.evaluation.stage_scores import score_stage

DESCRIPTION = {
    "run": "voc", "segmenter": "largefov", "initialisation": "imagenet", "generator": "hourglass, image",
    "supervision": "weak", "seed": 7,
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
    assert masks["miou"] == pytest.approx(100 / 3) and masks["classes"] == 2
    assert (segmenter["what"], segmenter["split"], segmenter["crf"]) == ("segmenter", "val", "with")
    assert segmenter["miou"] == 100
    assert (segmenter["trained_on"], segmenter["initialisation"]) == ("train", "imagenet")
    assert masks["seed"] == segmenter["seed"] == 7


def score_row(run: str, stage: int, miou: float, what: str = "segmenter") -> dict:
    return {
        "run": run, "stage": stage, "seed": 7, "what": what, "split": "val", "images": 9, "classes": 1, "miou": miou,
        "crf": "without", "generator": "g", "segmenter": "s", "initialisation": "none", "trained_on": "train",
        "supervision": "weak", "iou": {"background": miou, "a": None},
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
    assert table["classes"].tolist() == [1] * 5
    assert table["iou background"].tolist() == [60, 70, 50, 80, 40] and table["iou a"].isna().all()


def test_rows_with_and_without_crf_compare_with_their_like(tmp_path, write_label_maps):
    names = ("background", "a")
    truth = write_label_maps("truth.h5", names, {"val/x": [[0, 0, 1, 1]]})
    files = {}
    for run, plain, refined in [("voc", [0, 1, 0, 1], [0, 0, 1, 0]), ("full", [0, 0, 1, 0], [0, 0, 1, 1])]:
        description = {
            "run": run, "stage": 1, "seed": 7, "supervision": "weak", "segmenter": "s", "initialisation": "none",
            "generator": "g", "trained_on": ["train"], "truth_of": ["val"],
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


# The page


class Tables(HTMLParser):
    """The cells of every table of a page, row by row, and its links by their text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables, self.links, self._href, self._in_cell = [], {}, None, False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._in_cell = True
        self._href = dict(attributes).get("href")

    def handle_endtag(self, tag):
        self._in_cell &= tag not in ("td", "th")

    def handle_data(self, data):
        if self._href:
            self.links[data] = self._href
        if self._in_cell:
            self.tables[-1][-1][-1] += data.strip().replace("\u00a0", " ")


@pytest.fixture
def page(tmp_path):
    """Write the page of scores of these rows."""

    def write(rows: list[dict], **options) -> Tables:
        (tmp_path / "stage.json").write_text(json.dumps(rows))
        paths = {key: tmp_path / f"scores.{key}" for key in ("tsv", "json_path", "html")}
        bounds = {"voc": "full", "full": "full"}
        tabulate_scores([tmp_path / "stage.json"], upper_bounds=bounds, **options, **paths)
        return Tables(paths["html"].read_text())

    return write


def test_stages_stand_side_by_side_on_the_page(page):
    rows = [
        score_row("voc", 0, 30.04, "box fill"), score_row("voc", 0, 41), score_row("voc", 1, 50.06, "pseudo masks"),
        score_row("voc", 1, 60), score_row("full", 1, 80), score_row("voc", 1, 62) | {"crf": "with"},
    ]  # fmt: skip
    table = page(rows).tables[0]
    assert table == [
        ["run", "what", "CRF", "stage 0", "stage 1", "per cent of full"],
        ["voc", "pseudo masks", "without", "30.0", "50.1", ""],
        ["voc", "segmenter", "without", "41.0", "60.0", "75.0"],
        ["full", "segmenter", "without", "", "80.0", "100.0"],
        ["voc", "segmenter", "with", "", "62.0", ""],
    ]


def test_what_is_the_case_nowhere_has_no_column(page):
    assert page([score_row("alone", 1, 50, "pseudo masks")]).tables[0][0] == ["run", "what", "stage 1"]


def test_every_split_has_its_tables_and_every_run_the_iou_of_its_classes(page):
    rows = [score_row("voc", 0, 41), score_row("voc", 1, 60), score_row("voc", 1, 70) | {"split": "train", "images": 1}]
    rows[1]["iou"] = {"background": 60, "a": 12.34}
    tables = page(rows).tables
    assert [table[0] for table in tables[:4]] == [
        ["run", "what", "stage 0", "stage 1"], ["class", "segmenter, stage 0", "segmenter, stage 1"],
        ["run", "what", "stage 1"], ["class", "segmenter, stage 1"],
    ]  # fmt: skip
    assert tables[1][1:] == [["background", "41.0", "60.0"], ["a", "", "12.3"]]
    assert tables[4] == [
        ["run", "seed", "supervision", "generator", "segmenter", "initialisation", "trained on"],
        ["voc", "7", "weak", "g", "s", "none", "train"],
    ]
    assert [
        split["images"] for split in score_tables([row | {"per_cent_of_full": None} for row in rows])["splits"]
    ] == [
        "9 photographs",
        "1 photograph",
    ]


def test_numbers_link_to_the_pictures_of_their_stage(page, tmp_path):
    galleries = {"voc": {1: tmp_path / "voc/stage1/gallery/index.html"}}
    links = page([score_row("voc", 0, 41), score_row("voc", 1, 60)], galleries=galleries).links
    assert links["60.0"] == "voc/stage1/gallery/index.html"
    assert "41.0" not in links


def test_names_are_escaped(page):
    evil = "<script>alert(1)</script>"
    tables = page([score_row(evil, 1, 60) | {"split": evil, "generator": evil, "iou": {evil: 60}}]).tables
    assert (tables[0][1][0], tables[1][1], tables[2][1][0], tables[2][1][3]) == (evil, [evil, "60.0"], evil, evil)
