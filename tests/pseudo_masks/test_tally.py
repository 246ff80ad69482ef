"""Empty masks and full boxes are told."""

import numpy as np
from conftest import photograph_of

from lpg.pseudo_masks.tally import LISTED, Tally


def test_empty_masks_are_a_warning_that_names_them(caplog):
    caplog.set_level("INFO")
    image = photograph_of(9, 9, [[0, 0, 2, 3]] * 3, [1, 1, 1], name="d/a")
    tally = Tally()
    tally.add(
        image, [np.full((3, 2), 127, np.uint8), np.full((3, 2), 128, np.uint8), np.eye(3, 2, dtype=np.uint8) * 255]
    )
    tally.tell()
    assert "1 of 3 masks fill their box" in caplog.text
    assert [r.getMessage() for r in caplog.records if r.levelname == "WARNING"] == [
        "1 of 3 masks are EMPTY, of the objects d/a 1 (2×3)"
    ]


def test_only_the_first_are_listed(caplog):
    image = photograph_of(9, 9, [[0, 0, 1, 1]] * (LISTED + 2), [1] * (LISTED + 2))
    tally = Tally()
    tally.add(image, [np.zeros((1, 1), np.uint8)] * (LISTED + 2))
    tally.tell()
    assert caplog.text.count("(1×1)") == LISTED and caplog.text.strip().endswith("and 2 more")


def test_what_people_decided_on_is_not_told(caplog):
    caplog.set_level("INFO")
    image = photograph_of(9, 9, [[0, 0, 2, 3]] * 3, [1, 1, 1], name="d/a")
    tally = Tally()
    tally.add(image, [np.zeros((3, 2), np.uint8), np.full((3, 2), 255, np.uint8), np.zeros((3, 2), np.uint8)], 128, {0})
    tally.tell()
    assert (
        "1 of 2 masks fill their box" in caplog.text and "1 of 2 masks are EMPTY, of the objects d/a 3" in caplog.text
    )
