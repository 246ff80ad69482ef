"""A refusal is one sentence, whatever an input brings along."""

import pickle

import pytest

from lpg.errors import LONGEST, InputError


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("a b.jpg", "a b.jpg"),
        ("ünï\u202f🦓.jpg", "ünï\u202f🦓.jpg"),
        ("a\nb\r\0.jpg", r"a\nb\r\x00.jpg"),
        ("\x1b[2J", r"\x1b[2J"),
        ("\u2028\x85", r"\u2028\x85"),
        ("\ud800.jpg", r"\ud800.jpg"),
    ],
)
def test_what_would_end_the_line_or_move_the_cursor_is_written_out(name, written):
    error = InputError(f"{name} does not exist", f"mend {name}")
    assert str(error) == f"{written} does not exist; mend {written}"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_a_long_one_is_cut_in_its_middle():
    error = InputError(f"file.json: the box {[0] * 10**5} is none", "mend it")
    assert str(error).startswith("file.json: the box [0, 0, ") and str(error).endswith(", 0, 0] is none; mend it")
    assert len(str(error)) == LONGEST + len(" … ; mend it")
