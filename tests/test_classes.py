"""Class tables matched by name."""

import pytest

from lpg.classes import merge, translate
from lpg.errors import InputError


def test_merge_knows_both_spellings():
    tables = [("background", "tv", "kite"), ("background", "cat", "tvmonitor", "Kite")]
    assert merge(tables) == ("background", "tv", "kite", "cat")


def test_translate_goes_by_name_and_keeps_void():
    table = translate(("background", "tv", "cat"), ("background", "cat", "dog", "tvmonitor"), "a.h5")
    assert table[[0, 1, 2, 255]].tolist() == [0, 3, 1, 255]
    assert table.shape == (256,)


def test_translate_refuses_a_class_without_a_place():
    with pytest.raises(InputError, match=r"a\.h5: class 'cat' is not in the class table background, dog"):
        translate(("background", "cat"), ("background", "dog"), "a.h5")
