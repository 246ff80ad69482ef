"""Tables and calibrations that are not whole are refused."""

import json

import pytest

from lpg.errors import InputError
from lpg.evaluation.calibration import Calibration
from lpg.evaluation.quality_head import SOFT
from lpg.evaluation.quality_table import read_scores

HEAD = "image\tbox\tscore\trisk\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it lacks image, box or risk"),
        (f"{HEAD}a\t0\t0.5\n", "a line of 'a' is not whole"),
        (f"{HEAD}a\t0\t0.5\t0.1\tmore\n", "a line of 'a' is not whole"),
        (f"{HEAD}a\tx\t0.5\t0.1\n", "a line of 'a' is not whole"),
        (f"{HEAD}a\t0\t\tnan\n", r"a line of 'a' has \[nan, 0.0\], not from 0 to 1"),
        (f"{HEAD}a\t0\t7\t0.1\n", r"a line of 'a' has \[0.1, 7.0\], not from 0 to 1"),
        (f"{HEAD}a\t0\tgood\t0.1\n", "could not convert string to float: 'good'"),
        (f"{HEAD}{'x' * 200_000}\t0\t\t0\n", r"field larger than field limit \(131072\)"),
        (b"\xff\xfe", "'utf-8' codec can't decode"),
    ],
)
def test_a_table_of_quality(tmp_path, text, reason):
    path = tmp_path / "quality.tsv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(
        InputError, match=rf"quality\.tsv is no quality\.tsv of lpg \({reason}.*\); move it away, and the same"
    ):
        read_scores(path)


def test_scores_of_a_table(tmp_path):
    (tmp_path / "quality.tsv").write_text(f"{HEAD}a\t0\t0.5\t0.1\na\t1\t0.25\t0.1\n")
    assert read_scores(tmp_path / "quality.tsv") == {"a": [0.5, 0.25]}
    with pytest.raises(InputError, match=r"none\.tsv cannot be read \(No such file or directory\)"):
        read_scores(tmp_path / "none.tsv")


@pytest.mark.parametrize(
    "changed",
    [
        {"heads": [0, float("nan")], "ious": [0, 1]},
        {"heads": 0.5, "ious": 0.5},
        {"heads": [0, 1], "ious": [0]},
        {"weights": dict.fromkeys(SOFT, float("inf"))},
        {"weights": dict.fromkeys(SOFT, "1")},
        {"weights": None},
        {"heads": [0, 10**400], "ious": [0, 1]},
        {"weights": {}},
        {"more": 1},
    ],
)
def test_a_calibration(tmp_path, changed):
    path = tmp_path / "a.calibration.json"
    path.write_text(json.dumps(changed))
    with pytest.raises(
        InputError, match=r"a\.calibration\.json is no calibration \(.+\); make it again with calibrate"
    ):
        Calibration.load(path)
    path.write_text("[" * 10**5)
    with pytest.raises(InputError, match=r"a\.calibration\.json is no calibration"):
        Calibration.load(path)


def test_a_mask_without_a_score_is_ranked_by_its_risk_and_the_others_by_their_scores(tmp_path):
    (tmp_path / "quality.tsv").write_text(f"{HEAD}a\t0\t0.5\t0.1\nb\t0\t\t0.25\n")
    assert read_scores(tmp_path / "quality.tsv") == {"a": [0.5], "b": [0.75]}
