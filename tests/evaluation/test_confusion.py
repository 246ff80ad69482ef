"""mIoU of one confusion matrix over a whole split."""

import math

import numpy as np
import pytest

from lpg.errors import InputError
from lpg.evaluation.confusion import confusion_matrix, intersection_over_union, mean_iou, score_label_maps


def miou_slowly(pairs: list[tuple[np.ndarray, np.ndarray]], classes: int) -> float:
    """One intersection and one union per class over all images, pixel by pixel."""
    intersection, union = [0] * classes, [0] * classes
    for truth, labels in pairs:
        for true, found in zip(truth.ravel().tolist(), labels.ravel().tolist(), strict=True):
            if true == 255:
                continue
            found = 0 if found == 255 else found
            for index in {true, found}:
                union[index] += 1
            if true == found:
                intersection[true] += 1
    ratios = [both / either for both, either in zip(intersection, union, strict=True) if either]
    return sum(ratios) / len(ratios)


def test_matrix_has_truth_in_rows_and_leaves_void_out():
    truth = np.array([[0, 0, 1, 2], [255, 255, 1, 2]], dtype=np.uint8)
    labels = np.array([[0, 1, 1, 0], [1, 2, 2, 255]], dtype=np.uint8)
    assert confusion_matrix(truth, labels, 3).tolist() == [[1, 1, 0], [0, 1, 1], [2, 0, 0]]


def test_absent_class_does_not_count():
    matrix = np.array([[2, 1, 0], [0, 3, 0], [0, 0, 0]])
    iou = intersection_over_union(matrix)
    np.testing.assert_allclose(iou, [2 / 3, 3 / 4, math.nan])
    assert mean_iou(matrix) == pytest.approx((2 / 3 + 3 / 4) / 2)


@pytest.mark.parametrize("seed", range(3))
def test_miou_agrees_with_a_loop_over_pixels(seed, write_label_maps):
    rng = np.random.default_rng(seed)
    pairs = []
    for _ in range(4):
        truth = rng.choice([0, 1, 2, 4, 255], rng.integers(3, 9, 2)).astype(np.uint8)
        noise = rng.choice([0, 1, 2, 4, 255], truth.shape)
        pairs.append((truth, np.where(rng.random(truth.shape) < 0.4, noise, truth).astype(np.uint8)))
    names = ("background", "a", "b", "c", "d")
    truth, labels = (
        write_label_maps(f"{side}.h5", names, {f"image {index}": pair[side] for index, pair in enumerate(pairs)})
        for side in (0, 1)
    )
    scores = score_label_maps([truth], [labels], names)
    assert scores["miou"] == pytest.approx(100 * miou_slowly(pairs, 5))
    assert scores["images"] == 4
    assert scores["iou"]["c"] is None
    assert np.array(scores["confusion"]).sum() == sum((truth != 255).sum() for truth, _ in pairs)


def test_miou_is_no_mean_over_images(write_label_maps):
    names = ("background", "a")
    truth = write_label_maps("truth.h5", names, {"x": [[1, 1, 1, 1, 1, 1]], "y": [[1, 0]]})
    labels = write_label_maps("labels.h5", names, {"x": [[1, 1, 1, 1, 1, 1]], "y": [[0, 0]]})
    scores = score_label_maps([truth], [labels], names)
    assert scores["iou"] == pytest.approx({"background": 100 / 2, "a": 600 / 7})


def test_only_photographs_of_both_sides_are_scored_whatever_their_tables(write_label_maps, caplog):
    truth = write_label_maps("truth.h5", ("background", "tv", "cat"), {"x": [[1, 2]], "y": [[1, 1]]})
    labels = write_label_maps("labels.h5", ("background", "cat", "tvmonitor"), {"z": [[1, 1]], "x": [[2, 1]]})
    scores = score_label_maps([truth], [labels], ("background", "cat", "tv"))
    assert (scores["images"], scores["miou"]) == (1, 100)
    assert scores["iou"] == {"background": None, "cat": 100, "tv": 100}
    assert "1 of the 2 photographs of" in caplog.text and "labels.h5: the others are not scored" in caplog.text


def test_a_ground_truth_that_is_void_everywhere_is_refused(write_label_maps):
    names = ("background", "a")
    truth = write_label_maps("truth.h5", names, {"val/x": [[255, 255]], "val/y": [[255]]})
    labels = write_label_maps("labels.h5", names, {"val/x": [[1, 0]], "val/y": [[1]]})
    sentence = (
        r"truth\.h5: all pixels of the 2 photographs of 'val' are void, so no class occurs in it; score on a dataset"
    )
    with pytest.raises(InputError, match=sentence):
        score_label_maps([truth], [labels], names)


@pytest.mark.parametrize(
    ("labels", "classes", "miou"), [([0, 1, 1, 1], 2, 100), ([0, 1, 2, 1], 3, 500 / 9)], ids=["as many", "one more"]
)
def test_it_is_said_over_how_many_classes_the_mean_goes(write_label_maps, labels, classes, miou):
    names = ("background", "a", "b", "c")
    truth = write_label_maps("truth.h5", names, {"x": [[0, 1, 1, 1]]})
    scores = score_label_maps([truth], [write_label_maps("labels.h5", names, {"x": [labels]})], names)
    assert (scores["classes"], scores["miou"]) == (classes, pytest.approx(miou))


def test_sides_without_a_common_photograph_are_refused(write_label_maps):
    truth = write_label_maps("truth.h5", ("background", "a"), {"x": [[1]]})
    labels = write_label_maps("labels.h5", ("background", "a"), {"y": [[1]]})
    with pytest.raises(InputError, match=r"truth\.h5 and .*labels\.h5 have no photograph in common"):
        score_label_maps([truth], [labels], ("background", "a"))


def test_maps_of_unequal_size_are_refused(write_label_maps):
    names = ("background", "a")
    truth, labels = (write_label_maps(f"{name}.h5", names, {"val/x": maps}) for name, maps in
                     (("truth", [[0, 1]]), ("labels", [[0, 1, 1]])))  # fmt: skip
    with pytest.raises(InputError, match=r"val/x is \(1, 2\) in .*truth\.h5 but \(1, 3\) in .*labels\.h5; make"):
        score_label_maps([truth], [labels], names)


def test_benchmark_box_fill_measures_54_5(benchmark, make_boxes, make_masks):
    kept = ["aeroplane", "bicycle", "boat", "car", "cat", "cow", "dog", "horse", "motorbike", "person", "sheep"]
    settings = {"format": "voc", "root": str(benchmark / "voc"), "split": "val", "classes": {"keep": kept}}
    boxes = make_boxes(settings, clip_boxes=True)
    scores = score_label_maps([make_masks(settings, boxes)], [boxes], ("background", *kept))
    assert scores["images"] == 254
    assert scores["miou"] == pytest.approx(54.5, abs=0.05)
