"""WSSL's E steps: argmax over biased scores, written out pixel by pixel, and what EM-Adapt promises."""

import math

import numpy as np
import pytest
from conftest import request_of

from lpg.errors import InputError
from lpg.generators.baselines.wssl.em import adapt, log_scores
from lpg.generators.interface import Request
from lpg.generators.opening import open_method
from lpg.generators.registry import METHODS

BOXES, CLASS_IDS = [[1, 1, 7, 6], [4, 3, 11, 8], [8, 0, 12, 4]], [2, 5, 2]


def scored(scores: dict[int, np.ndarray], boxes=BOXES, class_ids=CLASS_IDS) -> Request:
    """Scores over a black photograph."""
    return request_of(np.zeros((*scores[0].shape, 3), np.uint8), boxes, class_ids, scores)


def random_request(seed: int, height: int = 9, width: int = 13) -> Request:
    rng = np.random.default_rng(seed)
    return scored({label: rng.integers(0, 256, (height, width), dtype=np.uint8) for label in (0, 2, 5)})


def labels_of(foreground: np.ndarray, classes: list[int]) -> np.ndarray:
    """The label map of masks that must not meet."""
    masks = foreground >= 128
    assert masks.sum(axis=0).max() <= 1
    return (masks * np.array(classes)[:, None, None]).sum(axis=0)


@pytest.mark.parametrize("seed", range(3))
def test_em_fixed_is_the_argmax_over_what_the_boxes_allow(seed):
    request = random_request(seed)
    expected = np.zeros((9, 13), dtype=int)
    for y in range(9):
        for x in range(13):
            best = math.log(max(request.scores[0][y, x], 0.5) / 255) + 3
            for class_id in (2, 5):
                inside = any(
                    c == class_id and x0 <= x < x1 and y0 <= y < y1
                    for (x0, y0, x1, y1), c in zip(BOXES, CLASS_IDS, strict=True)
                )
                score = math.log(max(request.scores[class_id][y, x], 0.5) / 255) + 5
                if inside and score > best:
                    best, expected[y, x] = score, class_id
    answer = open_method("wssl_em_fixed", {})([request])[0]
    assert np.array_equal(labels_of(answer.foreground, [2, 5]), expected)
    assert {0, 2, 5} == set(np.unique(expected))


def test_only_the_difference_of_the_fixed_biases_counts():
    request = random_request(4)
    one = open_method("wssl_em_fixed", {})([request])[0]
    other = open_method("wssl_em_fixed", {"foreground_bias": 2, "background_bias": 0})([request])[0]
    assert np.abs(one.foreground.astype(int) - other.foreground).max() <= 1


def test_scores_of_zero_stay_finite_and_the_background_has_the_tie():
    request = scored({label: np.zeros((9, 13), np.uint8) for label in (0, 2, 5)})
    assert np.isfinite(log_scores(request)[0]).all()
    even = open_method("wssl_em_fixed", {"foreground_bias": 0, "background_bias": 0})([request])[0]
    assert even.foreground.max() == 127
    biased = open_method("wssl_em_fixed", {})([request])[0]
    assert np.array_equal((biased.foreground >= 128).any(axis=0), request.image.box_maps().any(axis=0))


@pytest.mark.parametrize("seed", range(8))
def test_em_adapt_gives_every_label_its_portion(seed):
    request = random_request(seed)
    scale = np.random.default_rng(seed).uniform(0.02, 1, 3)  # so that some label has next to nothing at first
    for label, factor in zip((0, 2, 5), scale, strict=True):
        request.scores[label][:] = (request.scores[label] * factor).astype(np.uint8)
    answer = open_method("wssl_em_adapt", {})([request])[0]
    masks, boxes = answer.foreground >= 128, request.image.box_maps()
    assert not (masks & ~boxes).any()
    assert (masks.sum(axis=(1, 2)) >= 0.2 * boxes.sum(axis=(1, 2))).all()
    assert (~masks.any(axis=0)).sum() >= 0.4 * 9 * 13


def test_em_adapt_changes_nothing_where_the_portions_are_there():
    rng = np.random.default_rng(0)
    request = scored({label: rng.integers(100, 140, (9, 13), dtype=np.uint8) for label in (0, 2, 5)})
    scores = log_scores(request)
    counts = np.bincount(scores.argmax(axis=0).ravel(), minlength=3)
    assert np.array_equal(adapt(scores, counts.tolist()), scores)
    plain = open_method("wssl_em_fixed", {"foreground_bias": 0, "background_bias": 0})([request])[0]
    adapted = open_method("wssl_em_adapt", {"foreground_portion": 0.05, "background_portion": 0.05})([request])[0]
    assert np.array_equal(plain.foreground, adapted.foreground)


def test_em_adapt_raises_a_label_no_further_than_it_must():
    # Class 1 lies 4, 3, 2, 1 behind the background: for two of the four pixels it must make up for 2 and no more.
    scores = np.array([[[4.0, 3.0, 2.0, 1.0]], [[0.0, 0.0, 0.0, 0.0]]], dtype=np.float32)
    adapted = adapt(scores, [0, 2])
    assert adapted[1].ravel() == pytest.approx([2, 2, 2, 2], abs=1e-3)
    assert adapted.argmax(axis=0).tolist() == [[0, 0, 1, 1]]


def test_em_adapt_ends_where_the_portions_cannot_be_reached():
    # One score everywhere, and a box that is the whole photograph: its pixels can only be won together.
    request = scored({label: np.full((4, 5), 90, np.uint8) for label in (0, 3)}, [[0, 0, 5, 4]], [3])
    answer = open_method("wssl_em_adapt", {})([request])[0]
    assert (answer.foreground >= 128).all()


def test_a_portion_that_is_none_is_refused():
    with pytest.raises(InputError, match=r"wssl_em_adapt: background_portion is 40; give a part of the area, 0 to 1"):
        open_method("wssl_em_adapt", {"background_portion": 40})


def test_both_depend_on_the_stage():
    assert METHODS["wssl_em_fixed"].reads_scores
    assert METHODS["wssl_em_adapt"].reads_scores
