"""The dense CRF against pydensecrf called by hand, at every shape, and the settings of the published networks."""

import numpy as np
import pytest
from pydensecrf.densecrf import DenseCRF as ReferenceCRF
from pydensecrf.utils import unary_from_softmax

from lpg.networks.registry import SEGMENTERS
from lpg.pixels.crf import LARGEFOV_CRF, RESNET101_CRF, CrfSettings, dense_crf

SETTINGS = CrfSettings(4, 20, 5, 3, 2, iterations=5)


def random_probabilities(labels: int, height: int, width: int, seed: int = 0) -> np.ndarray:
    weights = np.random.default_rng(seed).random((labels, height, width), dtype=np.float32)
    return weights / weights.sum(axis=0)


def random_photograph(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_marginals_are_those_of_pydensecrf_called_by_hand():
    probabilities, photograph = random_probabilities(3, 9, 14), random_photograph(9, 14) // 8
    reference = ReferenceCRF(9 * 14, 3)
    reference.setUnaryEnergy(unary_from_softmax(probabilities))
    y, x = np.mgrid[:9, :14].reshape(2, -1).astype(np.float32)
    reference.addPairwiseEnergy(np.stack([x, y]) / 2, compat=3)
    reference.addPairwiseEnergy(
        np.stack([x / 20, y / 20, *(photograph.reshape(-1, 3).T / 5)]).astype(np.float32), compat=4
    )
    expected = np.array(reference.inference(5)).reshape(3, 9, 14)
    marginals = dense_crf(probabilities, photograph, SETTINGS)
    assert marginals.dtype == np.float32
    assert np.allclose(marginals, expected, atol=1e-4)
    assert not np.allclose(marginals, probabilities, atol=0.1)


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (37, 22)])
@pytest.mark.parametrize("labels", [1, 2, 5])
def test_any_shape_and_certain_probabilities(shape, labels):
    certain = np.eye(labels, dtype=np.float32)[np.arange(shape[0] * shape[1]) % labels].T.reshape(labels, *shape)
    marginals = dense_crf(certain, random_photograph(*shape), SETTINGS)
    assert marginals.shape == certain.shape
    assert np.allclose(marginals.sum(axis=0), 1, atol=1e-5)


def test_views_and_read_only_photographs_are_read_as_they_look():
    probabilities, photograph = random_probabilities(2, 20, 30), random_photograph(20, 30)
    expected = dense_crf(probabilities, photograph, SETTINGS)
    wide = np.zeros((20, 60, 3), dtype=np.uint8)
    wide[:, ::2] = photograph
    view = wide[:, ::2]
    view.flags.writeable = False
    flipped = np.ascontiguousarray(probabilities[..., ::-1])[..., ::-1]
    assert np.array_equal(dense_crf(flipped, view, SETTINGS), expected)
    with pytest.raises(ValueError, match="20×30 pixels do not fit"):
        dense_crf(probabilities, photograph[:, :-1], SETTINGS)


def test_every_segmenter_has_a_crf_and_the_papers_two_have_the_published_ones():
    assert all(isinstance(network.crf, CrfSettings) for network in SEGMENTERS.values())
    assert SEGMENTERS["largefov"].crf == CrfSettings(5, 140, 5, 3, 3, iterations=10)
    assert vars(LARGEFOV_CRF) == vars(CrfSettings(4, 121, 5, 3, 3, iterations=10))
    assert SEGMENTERS["resnet101"].crf == RESNET101_CRF == CrfSettings(4, 67, 3, 3, 1, iterations=10)
