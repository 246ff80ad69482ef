"""Label maps by name, whatever made them and under whatever class table."""

import numpy as np
import pytest

from lpg.errors import InputError
from lpg.files.label_maps import LabelMaps, write_label_maps

CLASSES = ("background", "cat")


def test_label_maps_are_translated_by_name(write_label_maps):
    path = write_label_maps("a.h5", ("background", "dog", "tv"), {"x": [[0, 1, 2, 255]]})
    labels = LabelMaps(path, ("background", "tvmonitor", "cat", "dog"))  # a single path is a file, and not its letters
    assert labels["x"].tolist() == [[0, 3, 1, 255]]
    assert "x" in labels and "y" not in labels


def test_later_label_map_counts(write_label_maps):
    first = write_label_maps("a.h5", ("background", "cat"), {"x": [[1, 1]], "y": [[1, 0]]})
    second = write_label_maps("b.h5", ("background", "dog"), {"y": [[0, 1]]})
    labels = LabelMaps([first, second], ("background", "cat", "dog"))
    assert (labels["x"].tolist(), labels["y"].tolist()) == ([[1, 1]], [[0, 2]])


def test_label_map_of_an_unknown_class_is_refused(write_label_maps):
    path = write_label_maps("a.h5", ("background", "cat"), {"x": [[1]]})
    with pytest.raises(InputError, match=r"a\.h5: class 'cat' is not in the class table background, dog"):
        LabelMaps([path], ("background", "dog"))


def test_label_maps_are_taken_one_at_a_time(tmp_path):
    maps = {"a": np.eye(3, dtype=np.uint8), "b": np.full((2, 5), 255, dtype=np.uint8)}
    write_label_maps(tmp_path / "a.h5", ("background", "cat"), list(maps), iter(maps.values()), {"rule": "r"})
    labels = LabelMaps([tmp_path / "a.h5"])
    assert labels.names == ["a", "b"]
    for name, written in maps.items():
        np.testing.assert_array_equal(labels[name], written)


@pytest.mark.parametrize(
    ("classes", "maps", "sentence"),
    [
        (("cat", "dog"), [[[0, 1]]], r"a\.h5: the first class is 'cat'; write background before the classes"),
        (CLASSES, [[[0, 1]], [[2, 0]]], r"a\.h5: map 1 holds 2; give numbers below 2, one for each class, or 255 for"),
        (CLASSES, [np.array([[0, -1]])], r"a\.h5: map 0 is int64 \(1 × 2\); give uint8 \(H, W\): 0 background, 255"),
        (CLASSES, [np.array([[True]])], r"map 0 is bool \(1 × 1\)"),
        (CLASSES, [np.zeros((1, 2, 3), np.uint8)], r"map 0 is uint8 \(1 × 2 × 3\)"),
        (CLASSES, [[[0, 1]]], r"a\.h5: 1 maps for 2 photographs; give one for each"),
    ],
)
def test_maps_of_others_that_would_count_as_something_else_are_refused(tmp_path, classes, maps, sentence):
    arrays = (each if isinstance(each, np.ndarray) else np.array(each, dtype=np.uint8) for each in maps)
    with pytest.raises(InputError, match=sentence):
        write_label_maps(tmp_path / "a.h5", classes, ["x", "y"], arrays)
    assert not (tmp_path / "a.h5").exists()
