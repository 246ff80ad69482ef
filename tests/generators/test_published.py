"""The numbers that the authors of the generic methods published."""

import numpy as np
import pytest
from conftest import request_of

from lpg.generators.baselines import grabcut
from lpg.generators.baselines.bcm.task import ELSEWHERE, MASKING_WEIGHT
from lpg.generators.baselines.sdi import boundary_cut as cuts
from lpg.generators.baselines.sdi.grabcut_plus import GrabCutPlus
from lpg.generators.baselines.wssl.densecrf import box_prior
from lpg.generators.opening import open_method
from lpg.pixels.crf import LARGEFOV_CRF, dense_crf


@pytest.mark.parametrize(("pixels", "found"), [(0, 100), (9, 100), (10, 10), (40, 40)])
def test_a_grabcut_that_leaves_less_than_a_tenth_of_its_box_fills_it(monkeypatch, pixels, found):
    monkeypatch.setattr(grabcut, "grabcut_mask", lambda *_: np.arange(100).reshape(10, 10) < pixels)
    request = request_of(np.zeros((12, 12, 3), np.uint8), [[1, 1, 11, 11]], [1])
    assert np.count_nonzero(open_method("grabcut", {})([request])[0].boxes[0]) == found


def test_the_ensemble_is_moved_as_published_and_the_same_every_time():
    one, other = GrabCutPlus(samples=200), GrabCutPlus(samples=200)
    assert np.array_equal(one.jitters, other.jitters) and np.array_equal(one.margins, other.margins)
    assert 0.045 < np.abs(one.jitters).max() <= 0.05
    assert 0.1 <= one.margins.min() < 0.13 and 0.57 < one.margins.max() <= 0.6
    assert (len(GrabCutPlus().margins), GrabCutPlus().side) == (20, 224)


def test_a_cut_by_boundaries_is_made_anew_until_it_stays_five_times_at_most(monkeypatch):
    made, counts = [], []

    def cut(object_cost, background_cost, links):
        made.append(object_cost)
        mask = np.zeros(object_cost.shape, dtype=bool)
        mask[4 + len(made) % 2, 4:8] = True  # never the same twice
        return mask

    kmeans = cuts.cv2.kmeans
    monkeypatch.setattr(cuts, "_cut", cut)
    monkeypatch.setattr(cuts.cv2, "kmeans", lambda them, count, *how: counts.append(count) or kmeans(them, count, *how))
    pixels = np.random.default_rng(0).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    cuts.boundary_cut(pixels, np.zeros((12, 12), np.float32), (slice(3, 9), slice(3, 9)))
    assert len(made) == 5 and set(counts) == {4, 5}, "five colours a model, or as many as it has pixels"


def test_densecrf_has_the_crf_of_largefov():
    rng = np.random.default_rng(0)
    request = request_of(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8), [[4, 4, 30, 26], [10, 8, 38, 20]], [2, 5])
    prior = box_prior(request.image)
    expected = (dense_crf(prior, request.photograph, LARGEFOV_CRF) * (prior > 0)).argmax(axis=0)
    masks = open_method("densecrf", {})([request])[0].foreground > 127
    assert np.array_equal(masks[0] + 2 * masks[1], expected) and len(np.unique(expected)) == 3


def test_the_weights_of_bcms_authors():
    assert (MASKING_WEIGHT, ELSEWHERE) == (0.1, 0.5)


def test_the_portions_of_em_adapt_and_the_biases_of_em_fixed_are_wssls():
    adapt, fixed = (open_method(name, {}) for name in ("wssl_em_adapt", "wssl_em_fixed"))
    assert (adapt.foreground_portion, adapt.background_portion) == (0.2, 0.4)
    assert (fixed.foreground_bias, fixed.background_bias) == (5.0, 3.0)
