"""What the segmenter is shown is varied as its recipe says."""

import pytest
import torch
from segmenter.test_batches import batches_of


def test_photographs_are_mirrored_now_and_then_with_their_labels(dataset):
    """Red is on the left of both photographs, blue on the right."""
    batches = batches_of(dataset, batch=8, crop=96, scales=(1.0, 1.0))
    orders = set()
    for iteration in range(2):
        for labels in batches[iteration][1]:
            red, blue = ((labels == value).nonzero()[:, 1].float().mean() for value in (1, 2))
            orders.add(bool(red < blue))
    assert orders == {False, True}


def test_colours_are_jittered_if_the_recipe_says_so(dataset):
    """At a scale of 1 nothing is interpolated: there are the colours of the scene, and that outside of it."""
    plain, jittered = (
        set(batches_of(dataset, batch=8, crop=64, scales=(1.0, 1.0), jitter=jitter)[0][0].unique().tolist())
        for jitter in (0.0, 0.5)
    )
    assert plain == {30, 128, 230} and len(jittered) > 10


@pytest.mark.parametrize(
    ("settings", "known"),
    [
        ({"scales": (2.0, 2.0)}, 1.0),
        ({"long_side": 192, "scales": (1.0, 1.0)}, 1.0),
        ({"long_side": 48, "scales": (1.0, 1.0)}, 0.375),  # 64 × 96 pixels in 128 × 128, or 75 × 50 in 100 × 100
        ({"long_side": 96, "scales": (0.5, 0.5)}, 0.375),
    ],
)
def test_a_crop_shows_the_photograph_at_the_scale_of_the_recipe(dataset, settings, known):
    _, labels = batches_of(dataset, batch=8, crop=64, **settings)[0]
    assert (labels != 255).float().mean(dim=(1, 2)).tolist() == pytest.approx([known] * 8, abs=0.01)


def test_the_random_scale_is_anything_in_its_range(dataset):
    _, labels = batches_of(dataset, batch=8, crop=64, scales=(0.5, 2.0))[0]
    known = (labels != 255).float().mean(dim=(1, 2))
    assert known.max() == 1 and known.min() < 0.7 and torch.unique(known).numel() > 3
