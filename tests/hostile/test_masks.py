"""Polygons and run lengths."""

import numpy as np
from hostile import nasty
from hostile.cases import attempt, cases
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as rle

from lpg.pseudo_masks.decision_fields import coco_box, encoded_mask, stated_box

sides = st.one_of(st.sampled_from([1, 6, 8, 0, -6, 6.0, 5000, 10**5, 2**31, 2**32, 2**64, 10**9]), nasty.values)
coordinates = st.one_of(st.floats(-100, 100), st.sampled_from([0, 8, 80, 10**5, 10**9]), nasty.numbers)
polygons = st.lists(st.one_of(st.lists(coordinates, max_size=40), nasty.values), max_size=4)
letters = st.text(st.characters(min_codepoint=48, max_codepoint=111), max_size=40)
counts = st.one_of(letters, letters.map(lambda text: text * 500), st.lists(nasty.numbers, max_size=9), nasty.values)


def fill_up(height: int, width: int, runs: list[int]) -> dict:
    """Run lengths, the last of which makes them whole."""
    return {"size": [height, width], "counts": [*runs, height * width - sum(runs)]}


whole = st.builds(fill_up, st.integers(1, 9), st.integers(1, 9), st.lists(st.integers(0, 9), max_size=5))
segmentations = st.one_of(
    polygons,
    whole,
    st.fixed_dictionaries({"size": st.one_of(st.just([6, 8]), st.lists(sides, max_size=3)), "counts": counts}),
    nasty.values,
)
sizes = st.one_of(st.none(), st.just((6, 8)), st.tuples(sides, sides))


@cases(16_000)
@given(segmentations, sizes)
def test_masks(segmentation, size):
    mask = attempt(lambda: encoded_mask(segmentation, size, "a.json"), ["a.json"], len(str(segmentation)))
    if mask is not None and mask["size"][0] * mask["size"][1] <= 10**7:
        decoded = rle.decode(mask)
        assert list(decoded.shape) == mask["size"] and decoded.max(initial=0) <= 1 and decoded.dtype == np.uint8


@cases(4_000)
@given(nasty.values, st.lists(nasty.numbers, min_size=4, max_size=4), st.booleans())
def test_boxes(value, numbers, plain):
    edges = value if plain else numbers
    box = attempt(lambda: stated_box(edges, "a.json"), ["a.json"])
    assert box is None or (np.isfinite(box).all() and box[2] >= box[0] and box[3] >= box[1])
    mask = {"size": [6, 8], "counts": "510N20N20N20N1"}
    assert np.isfinite(coco_box(edges, mask)).all()
