"""Tables of the paper: published and measured rows side by side, nothing mixed up."""

import csv
import json

import numpy as np

from lpg.evaluation.published import TABLES
from lpg.evaluation.tables import auxiliary_share, measured_rows, tabulate_table
from lpg.files.hdf5 import create_file, write_strings


def score(stage: int, miou: float, what: str = "segmenter", **changes) -> dict:
    row = {"run": "voc", "stage": stage, "what": what, "split": "val", "miou": miou, "crf": "without"}
    facts = {"supervision": "weak", "initialisation": "none", "generator": "hourglass, box"}
    return row | facts | changes


def truth(path, images: int, areas: list[int]):
    """A `masks.h5` of so many photographs, whose boxes have masks of these areas."""
    with create_file(path, ("background", "cat"), {}) as file:
        write_strings(file, "images/name", [f"a/{index}" for index in range(images)])
        file["boxes/area"] = np.array(areas, dtype=np.int64)
    return path


def test_stages_stand_side_by_side_and_stage_0_is_left_out():
    (row,) = measured_rows("Ours", [score(2, 60.0), score(0, 40.0), score(1, 50.0)], ["segmenter"], "val", depth=3)
    assert (row["stage 1"], row["stage 2"], row["final"]) == (50.0, 60.0, 60.0)
    assert "stage 0" not in row and row["source"] == "measured"


def test_other_splits_other_kinds_and_stages_beyond_the_paper_s_are_left_out():
    scores = [score(1, 50.0), score(1, 10.0, split="train"), score(1, 70.0, "pseudo masks"), score(4, 99.0)]
    (row,) = measured_rows("Ours", scores, ["segmenter"], "val", depth=3)
    assert row["final"] == 50.0 and "stage 4" not in row
    assert row["note"].endswith("; stage 3 of 4")


def test_with_and_without_crf_are_two_rows():
    rows = measured_rows("Ours", [score(1, 50.0), score(1, 52.0, crf="with")], ["segmenter"], "val", depth=3)
    assert {row["crf"]: row["final"] for row in rows} == {"without": 50.0, "with": 52.0}


def test_shares_are_of_the_largest_auxiliary_set(tmp_path):
    all_of_it, half = truth(tmp_path / "a.h5", 8, [9] * 20), truth(tmp_path / "b.h5", 4, [9] * 13)
    shares = auxiliary_share({"full": [all_of_it], "half": [half], "GrabCut": []})
    assert shares == {
        "full": {"auxiliary images": "8 (100 %)", "auxiliary masks": "20 (100 %)"},
        "half": {"auxiliary images": "4 (50 %)", "auxiliary masks": "13 (65 %)"},
    }
    assert auxiliary_share({"GrabCut": []}) == {}


def test_a_box_without_a_mask_is_no_auxiliary_mask(tmp_path):
    one = truth(tmp_path / "a.h5", 2, [4, 0, 1, 0])
    assert auxiliary_share({"one": [one, one]}) == {
        "one": {"auxiliary images": "4 (100 %)", "auxiliary masks": "4 (100 %)"}
    }


def test_a_table_marks_every_row_measured_or_published(tmp_path):
    (tmp_path / "scores.json").write_text(json.dumps([score(1, 41.25), score(2, 43.5)]))
    rows = [
        {"label": "HgNet (EM)", "scores": [tmp_path / "scores.json"], "auxiliary": []},
        {"label": "of ours alone", "scores": [tmp_path / "scores.json"], "auxiliary": []},
    ]
    paths = {"tsv": tmp_path / "table.tsv", "html": tmp_path / "table.html"}
    tabulate_table("table_2", title=None, split="val", what=["segmenter"], rows=rows, **paths)
    table = list(csv.DictReader(paths["tsv"].open(), delimiter="\t"))
    assert [(row["method"], row["source"]) for row in table] == [
        ("ResNet18", "published"),
        ("ResNet101", "published"),
        ("HgNet (Fixed)", "published"),
        ("HgNet (EM)", "published"),
        ("HgNet (EM)", "measured"),
        ("of ours alone", "measured"),
    ]
    assert [table[3][f"stage {stage}"] for stage in (1, 2, 3, 4)] == ["66.80", "68.30", "68.40", "68.30"]
    assert (table[4]["stage 1"], table[4]["stage 2"], table[4]["stage 3"]) == ("41.25", "43.50", "")
    assert {row["crf"] for row in table if row["source"] == "published"} == {"with"}
    page = paths["html"].read_text()
    assert page.count('<tr class="measured">') == 2
    assert page.index(">method<") < page.index(">final<") < page.index(">split<"), "numbers first"
    assert "auxiliary" not in page and '<td class="number">41.2</td>' in page


def test_what_stands_in_a_table_is_escaped(tmp_path):
    (tmp_path / "scores.json").write_text(json.dumps([score(1, 41.25, generator="<b>g</b>")]))
    rows = [{"label": "<script>", "scores": [tmp_path / "scores.json"], "auxiliary": []}]
    paths = {"tsv": tmp_path / "table.tsv", "html": tmp_path / "table.html"}
    tabulate_table("table_2", title="<i>t</i>", split="val", what=["segmenter"], rows=rows, **paths)
    page = paths["html"].read_text()
    assert page.count("<script>") == 1, "the page's own"
    assert "<td>&lt;script&gt;</td>" in page and "&lt;b&gt;g" in page and "<h1>&lt;i&gt;t&lt;/i&gt;</h1>" in page


def test_labels_of_a_table_are_unique():
    for table in TABLES.values():
        labels = [row.label for row in table.rows]
        assert len(labels) == len(set(labels))
