"""What the generator is shown is varied as its recipe says, and teaches nothing where nobody knows."""

from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import photograph_of
from PIL import Image

from lpg.files.boxes import BoxTable, write_boxes
from lpg.files.ground_truth import write_ground_truth
from lpg.generators.learned.batches import GeneratorBatches
from lpg.generators.learned.recipe import generator_recipe
from lpg.pixels.box_maps import box_map
from lpg.pixels.colours import Normalisation

GREY = Normalisation((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))


@pytest.fixture
def shown(tmp_path: Path):
    """The batches of one photograph, without a segmenter: bright where an object is, every object fills its box.

    Arguments: its sides, its boxes (all of class 1), and what else the ground truth's label map says, by rectangles.
    """

    def make(height: int, width: int, boxes: list, void=(), masks=None, **settings) -> GeneratorBatches:
        masks = masks or [box_map(np.array([box], dtype=float), height, width).astype(np.uint8) for box in boxes]
        labels = np.max(masks, axis=0)
        for x0, y0, x1, y1 in void:
            labels[y0:y1, x0:x1] = 255
        Image.fromarray(np.repeat(255 * np.max(masks, axis=0)[..., None], 3, axis=2)).save(tmp_path / "a.png")
        image = photograph_of(height, width, boxes, [1] * len(boxes), path=tmp_path / "a.png")
        write_boxes([image], ["cat"], path=tmp_path / "b.h5", dataset="d")
        table = BoxTable([tmp_path / "b.h5"])
        write_ground_truth(tmp_path / "m.h5", table.classes, [("d/a", labels, masks)])
        recipe = generator_recipe({"architecture": "hourglass", "crop": 64, "batch": 8, "target_stride": 1} | settings)
        return GeneratorBatches(table, [tmp_path / "m.h5"], None, recipe, GREY, seed=0)

    return make


def parts_filled(batches: GeneratorBatches, count: int = 4) -> torch.Tensor:
    """Of every sample of some batches the part of the crop in which the box is."""
    return torch.cat([batches[i][0][:, 3].float().mean(dim=(1, 2)) / 255 for i in range(count)])


def test_crops_are_mirrored_now_and_then_all_of_them_together(shown):
    half = np.zeros((64, 64), dtype=np.uint8)
    half[:, 32:] = 1  # the right half of its box, which is the photograph
    batches = shown(64, 64, [[0, 0, 64, 64]], masks=[half], view="box", context=(1.0, 1.0))
    sides = set()
    for iteration in range(2):
        channels, targets = batches[iteration]
        assert torch.equal(channels[:, 0] > 127, targets == 1)
        sides |= {bool(one) for one in (targets[:, 0, 0] == 1)}
    assert sides == {False, True}


def test_colours_are_jittered_and_nothing_else_is(shown):
    batches = shown(64, 96, [[16, 16, 48, 48]], view="box", jitter=0.5, context=(1.0, 1.0))
    channels, targets = batches[0]
    inside = targets == 1
    assert inside.all()
    assert len({float(sample.float().mean()) for sample in channels[:, 0]}) > 3, "white is darker in some"
    assert set(channels[:, 3].unique().tolist()) == {255} and set(channels[:, 4].unique().tolist()) == {153}


def test_crowds_and_whatever_else_is_void_teach_nothing_but_on_the_object(shown):
    batches = shown(4, 6, [[0, 0, 3, 2]], void=[[2, 0, 6, 1]], view="box")
    (pair,) = batches.pairs
    assert batches.target(pair).tolist() == [[1, 1, 1, 255, 255, 255], [1, 1, 1, 0, 0, 0], [0] * 6, [0] * 6]
    assert batches.target(pair).tolist()[0] == [1, 1, 1, 255, 255, 255], "nor the second time it is asked"


def test_boxes_are_trained_on_from_a_smaller_side_on(shown):
    batches = shown(64, 96, [[0, 0, 40, 7], [0, 20, 8, 60], [50, 20, 60, 30]], view="box", minimum_side=8)
    assert [pair.box for pair in batches.pairs] == [1, 2], "8 pixels are enough, and 7 are not, however long"


def test_the_context_of_a_crop_is_anything_in_its_range(shown):
    parts = parts_filled(shown(200, 200, [[90, 90, 110, 110]], view="box", context=(1.2, 4.0)))
    assert 1 / 16 <= parts.min() < 0.12 and 0.45 < parts.max() <= 1 / 1.2**2 + 0.02


def test_a_focused_crop_is_sized_by_the_longer_side_and_by_anything_in_the_range(shown):
    oblong = parts_filled(shown(64, 96, [[40, 30, 56, 34]], focus=(2.0, 2.0)), count=1)
    assert oblong.tolist() == pytest.approx([1 / 16] * 8, abs=0.01)  # 16 × 4 pixels of 32 × 32
    ranged = parts_filled(shown(200, 200, [[90, 90, 110, 110]], focus=(1.0, 4.0)))
    assert ranged.min() < 0.12 and ranged.max() > 0.6
    assert 0.15 < ranged.median() < 0.4, "as often below twice the side as above it"


def test_a_focused_crop_is_no_larger_than_the_photograph(shown):
    parts = parts_filled(shown(64, 96, [[10, 0, 74, 64]], focus=(3.0, 3.0)), count=1)
    assert parts.tolist() == pytest.approx([64 * 64 / 96**2] * 8, abs=0.01)


@pytest.mark.parametrize(("long_side", "known"), [(48, 64 * 96 / 128**2), (192, 1.0), (None, 1.0)])
def test_photographs_are_scaled_to_the_long_side_before_they_are_cropped(shown, long_side, known):
    batches = shown(64, 96, [[24, 16, 56, 48]], long_side=long_side, scales=(1.0, 1.0))
    _, targets = batches[0]
    assert (targets != 255).float().mean(dim=(1, 2)).tolist() == pytest.approx([known] * 8, abs=0.01)


def test_the_random_scale_is_anything_in_its_range(shown):
    _, targets = shown(64, 64, [[16, 16, 48, 48]], scales=(0.25, 1.0))[0]
    known = (targets != 255).float().mean(dim=(1, 2))  # of the photograph scaled by s, in a crop of its own size: s²
    assert known.min() < 0.25 and known.max() > 0.5
