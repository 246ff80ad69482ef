"""Masks as rings and back."""

import numpy as np
import pytest

from lpg.pixels.polygons import fill, one_ring, outlines


@pytest.mark.parametrize("seed", range(20))
def test_rings_with_holes_are_the_mask(seed):
    rng = np.random.default_rng(seed)
    mask = np.kron(rng.random((6, 7)) < 0.6, np.ones((3, 3))).astype(bool)
    assert np.array_equal(fill(outlines(mask, holes=True), *mask.shape), mask)


def test_an_outline_alone_fills_the_holes():
    mask = np.ones((5, 5), dtype=bool)
    mask[2, 2] = False
    (ring,) = outlines(mask)
    assert fill([ring], 5, 5).all()


def test_one_ring_keeps_a_hole_and_bridges_a_gap():
    mask = np.zeros((5, 12), dtype=bool)
    mask[:, :5] = mask[:, 8:] = True
    mask[1:4, 1:4] = False
    found = fill([one_ring(outlines(mask, holes=True))], *mask.shape)
    assert np.array_equal(found[:, :5], mask[:, :5]) and np.array_equal(found[:, 8:], mask[:, 8:])
    assert np.count_nonzero(found[:, 5:8]) == 3


@pytest.mark.parametrize("density", [0.03, 0.2, 0.6])
def test_of_many_parts_and_holes_each_is_joined_to_the_nearest_point_before_it(density):
    mask = np.random.default_rng(0).random((40, 50)) < density
    rings = outlines(mask, holes=True)
    joined = one_ring(rings)
    assert {*map(tuple, joined)} == {tuple(point) for ring in rings for point in ring}
    bridges = [
        min(np.hypot(*(point - other)) for point in ring for before in rings[:number] for other in before)
        for number, ring in enumerate(rings[1:], start=1)
    ]
    around = [np.hypot(*(ring - np.roll(ring, -1, axis=0)).T).sum() for ring in rings]
    around[0] -= np.hypot(*(rings[0][-1] - rings[0][0]))  # the first is not closed: whoever reads it does that
    length = np.hypot(*np.diff(joined, axis=0).T).sum()
    assert length == pytest.approx(sum(around) + 2 * sum(bridges))
    assert len(joined) == sum(map(len, rings)) + 2 * (len(rings) - 1)
