"""How far a score is believed, how wide the guided filter is, and how thin boxes are seen."""

import numpy as np
import torch
from generators.learned.test_apply import Echo, generator_of, noise

from lpg.generators.learned import apply


def test_a_score_is_never_surer_than_99_per_cent(monkeypatch):
    half = Echo(channel=4)
    half.forward = lambda x: torch.tensor([0.0, 1.0]).expand(len(x), *x.shape[-2:], 2).movedim(-1, 1)
    request = noise(64, 64, [[0, 0, 64, 64]], [1])
    generator = generator_of(half, view="box", score_dropout=0.5, apply={"score_weight": 1.0})
    for score, part in ((0, 0.01), (255, 0.99)):
        request.scores[1][:] = score
        logit = 1 + np.log(part / (1 - part))
        found = generator([request])[0].foreground[0, 32, 32]
        assert found == round(255 / (1 + np.exp(-logit)))  # 7 and 254; 0 and 255 would be the score's alone


def test_the_guided_filter_is_as_wide_as_a_part_of_the_longer_side(monkeypatch):
    radii = []
    real = apply.colour_functions
    monkeypatch.setattr(
        apply, "colour_functions", lambda image, mask, radius: radii.append(radius) or real(image, mask, radius)
    )
    generator_of(Echo(channel=3), view="image", apply={"guided_radius": 0.1})([noise(40, 120, [[4, 4, 100, 30]], [1])])
    assert radii == [13]  # a tenth of 128, for the input is 64 × 128


def test_a_box_is_no_hair_because_it_is_shown_small():
    """36 × 2 pixels: of 256 its short side has 10, of the 160 that it is shown at 6."""
    network = Echo(channel=3)
    generator = generator_of(network, view="box", crop=256, apply={"context": 1.3, "magnify": 2.5})
    generator([noise(20, 200, [[10, 8, 46, 10]], [1])])
    assert {tuple(x.shape[-2:]) for x in network.seen} == {(160, 160)}


def test_a_box_like_a_hair_is_seen_along_itself_and_has_a_mask():
    network, request = Echo(channel=3), noise(20, 2000, [[10, 8, 1990, 12], [100, 2, 120, 18]], [1, 1])
    thin, square = generator_of(network, view="box")([request])[0].boxes
    assert {tuple(x.shape[-2:]) for x in network.seen} == {(64, 4096), (64, 64)}
    assert (thin > 127).all() and (square > 127).mean() > 0.8
