"""Scores on their way through `predictions.h5`: what is written is read, at any place and size."""

import h5py
import numpy as np
import pytest
from conftest import photograph_of

from lpg.errors import InputError
from lpg.files.predictions import ScoreMaps, Scores, write_predictions
from lpg.photograph import Photograph
from lpg.pixels.windows import Window

CLASSES = ("background", "cat", "tv")
CAT = [[10, 20, 30, 40], [50, 60, 70, 80], [90, 100, 110, 120]]
TV = [[255, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 255]]
STEP = [[0, 0, 255, 255], [0, 0, 255, 255]]


def scores_of(class_ids: list[int], values: list, peaks: list[float], height: int, width: int) -> Scores:
    window = Window(0, 0, height, width)
    return Scores(class_ids, np.array(values, dtype=np.uint8), np.array(peaks, dtype=np.float32), window)


# Photograph `x` at full resolution with a cat and a tv, `y` at half of it with a tv.
X = scores_of([1, 2], [CAT, TV], [0.5, 1], 3, 4)
Y = scores_of([2], [STEP], [1], 4, 8)


@pytest.fixture
def predictions(tmp_path):
    path = tmp_path / "predictions.h5"
    write_predictions(path, CLASSES, ["d/x", "d/y"], iter([X, Y]), {"rule": "r"})
    return path


def test_what_is_written_is_read(predictions):
    maps = ScoreMaps([predictions], CLASSES)
    for name, written in (("d/x", X), ("d/y", Y)):
        read = maps.scores(name)
        assert (read.class_ids, read.window) == (written.class_ids, written.window)
        np.testing.assert_array_equal(read.values, written.values)
        np.testing.assert_array_equal(read.peaks, written.peaks)


def test_the_file_lists_what_was_scored_by_photograph(predictions):
    with h5py.File(predictions) as file:
        assert file["scored/offset"][:].tolist() == [0, 2, 3]
        assert file["scored/class_id"][:].tolist() == [1, 2, 2]
        assert file["scored/peak"][:].tolist() == [0.5, 1, 1]
        assert file["images/window"][:].tolist() == [[3, 4], [4, 8]]
        assert file.attrs["rule"] == "r"


def test_the_scores_of_a_photograph_are_those_of_the_background_and_of_its_boxes(tmp_path):
    path = tmp_path / "predictions.h5"
    kept = scores_of([0, 1, 2], [TV, CAT, TV], [1, 1, 1], 3, 4)  # the tv may be segmented, but is in no box
    write_predictions(path, CLASSES, ["d/x"], [kept])
    scores = ScoreMaps([path], CLASSES).of(photograph_of(3, 4, [[0, 0, 2, 2]], [1], name="d/x"))
    assert {class_id: score.tolist() for class_id, score in scores.items()} == {0: TV, 1: CAT}
    assert len(scores) == 2


def seen(name: str, height: int, width: int, class_ids=(1, 2)) -> Photograph:
    """A photograph of a size, with boxes of some classes."""
    return photograph_of(height, width, [[0, 0, 2, 2]] * len(class_ids), class_ids, name=name)


def test_score_is_cut_to_the_photograph(predictions):
    maps = ScoreMaps([predictions], CLASSES)
    assert maps(seen("d/x", 2, 3), 1).tolist() == [[5, 10, 15], [25, 30, 35]]
    assert maps(seen("d/x", 3, 4), 2).tolist() == TV


def test_a_named_score_takes_over_what_no_box_names(tmp_path):
    path = tmp_path / "predictions.h5"
    # A pixel each: background, cat, tv, which is in no box, and dog.
    quarters = [[[102]], [[51]], [[51]], [[51]]]
    write_predictions(path, (*CLASSES, "dog"), ["d/x"], [scores_of([0, 1, 2, 3], quarters, [1, 0.5, 1, 1], 1, 1)])
    image = seen("d/x", 1, 1, class_ids=(1, 3, 3))
    plain, named = (ScoreMaps([path], (*CLASSES, "dog"), named) for named in (False, True))
    assert [plain(image, class_id).item() for class_id in (0, 1, 3)] == [102, 26, 51]  # 25.5, to the even one
    assert [named(image, class_id).item() for class_id in (0, 1, 3)] == [102, 51, 102]  # 153 that is not background
    alone = seen("d/x", 1, 1, class_ids=(1,))
    assert named(alone, 1).item() == 153
    assert named.inside(alone, 1, Window(0, 0, 1, 1), 2).tolist() == [[153, 153], [153, 153]]


def test_a_named_score_is_none_where_no_named_class_is_seen(tmp_path):
    path = tmp_path / "predictions.h5"
    write_predictions(path, CLASSES, ["d/x"], [scores_of([0, 1], [[[55, 0]], [[0, 0]]], [1, 0.5], 1, 2)])
    assert ScoreMaps([path], CLASSES, named=True)(seen("d/x", 1, 2, (1,)), 1).tolist() == [[0, 0]]


def test_score_is_interpolated_over_its_window(predictions):
    maps = ScoreMaps([predictions], CLASSES)
    places = (np.arange(8) + 0.5) / 2 - 0.5
    expected = np.interp(places, range(4), STEP[0])[:7]
    np.testing.assert_allclose(maps(seen("d/y", 3, 7), 2), np.tile(expected, (3, 1)), atol=1)


def test_a_score_inside_a_window_is_that_of_the_photograph_and_nothing_beyond_it(predictions):
    maps, image = ScoreMaps([predictions], CLASSES), seen("d/y", 3, 7)
    inside = maps.inside(image, 2, Window(-1, 2, 6, 6), 6).numpy().astype(int)
    expected = np.zeros((6, 6), dtype=int)
    expected[1:4, :5] = maps(image, 2).astype(int)[:, 2:]
    np.testing.assert_allclose(inside, expected, atol=1)
    halved = maps.inside(seen("d/y", 4, 8), 2, Window(0, 0, 8, 8), 4)
    assert halved.tolist() == [*STEP, [0] * 4, [0] * 4], "at the resolution of the score, each of its cells"


def test_the_scale_of_a_score_inside_a_window_is_that_of_the_whole(predictions):
    maps, image = ScoreMaps([predictions], CLASSES), seen("d/x", 3, 4)
    assert maps.inside(image, 1, Window(0, 0, 3, 3), 3).tolist() == maps(image, 1)[:, :3].tolist()


def test_classes_are_matched_by_name(predictions):
    maps = ScoreMaps([predictions], ("background", "tvmonitor", "dog", "cat"))
    assert maps(seen("d/x", 3, 4), 3).tolist() == (np.array(CAT) // 2).tolist()
    assert maps(seen("d/x", 3, 4), 1).tolist() == TV
    assert maps.scores("d/x").class_ids == [3, 1]


@pytest.mark.parametrize("name, class_id", [("d/y", 1), ("d/z", 2)])
def test_score_that_is_not_there_is_refused(predictions, name, class_id):
    maps = ScoreMaps([predictions], CLASSES)
    with pytest.raises(InputError, match=rf"hold no score of class {class_id} on {name}; make them again"):
        maps(seen(name, 3, 4), class_id)


def test_predictions_of_an_unknown_class_are_refused(predictions):
    with pytest.raises(InputError, match=r"predictions\.h5: class 'tv' is not in the class table background, cat"):
        ScoreMaps([predictions], ("background", "cat"))


@pytest.mark.parametrize("window", [[[3, 4, 5], [4, 8, 5]], [3, 4], [[3, 4], [4, 0]]])
def test_windows_without_height_and_width_are_refused(predictions, window):
    with h5py.File(predictions, "r+") as file:
        del file["images/window"]
        file["images/window"] = np.array(window)
    with pytest.raises(InputError, match=r"is damaged, or no file of lpg \(a window has no height and width\)"):
        ScoreMaps([predictions], CLASSES)


def test_file_that_holds_no_scores_is_refused(write_label_maps):
    path = write_label_maps("labels.h5", ("background",), {"x": [[0]]})
    with pytest.raises(InputError, match=r"labels\.h5 has no 'scores/values'; it was not made by the step"):
        ScoreMaps([path], ("background",))
