"""The segmenter's batches: one can predict them, and photograph and labels stay in register."""

import pytest
import torch
from torch import nn

from lpg.errors import InputError
from lpg.files.boxes import BoxTable
from lpg.files.label_maps import LabelMaps
from lpg.pixels.colours import Normalisation
from lpg.segmenter.batches import SegmenterBatches
from lpg.segmenter.losses import SegmenterTask, resize_labels
from lpg.segmenter.recipe import SegmenterRecipe
from lpg.training.sampling import Rows


class Blind(nn.Module):
    """All that batches know of a network: what lies outside its photographs, and what its sides are multiples of."""

    normalisation = Normalisation((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
    multiple = 32


TASK = SegmenterTask(Blind())


def batches_of(path, seed: int = 0, labels=None, rows: Rows | None = None, **recipe) -> SegmenterBatches:
    """The batches of a `boxes.h5`, whose labels are the painted boxes."""
    table = BoxTable([path])
    maps = LabelMaps([labels or path], table.classes)
    return SegmenterBatches(table, maps, SegmenterRecipe(architecture="resnet18", **recipe), TASK, seed, rows)


def test_a_batch_is_a_function_of_seed_and_iteration(dataset):
    settings = {"batch": 3, "crop": 40, "jitter": 0.2}
    one, other = batches_of(dataset, 5, **settings), batches_of(dataset, 5, **settings)
    other[0], other[1]
    for first, second in zip(one[7], other[7], strict=True):
        assert torch.equal(first, second)
    assert not torch.equal(one[7][0], batches_of(dataset, 6, **settings)[7][0])
    images, labels = one[7]
    assert images.shape == (3, 3, 64, 64)
    assert labels.shape == (3, 64, 64)
    assert images.dtype == labels.dtype == torch.uint8
    assert (labels[:, 40:] == 255).all() and (labels[:, :, 40:] == 255).all()
    assert (images[..., 40:, :] == 128).all() and (images[..., 40:] == 128).all()
    assert set(labels.unique().tolist()) <= {0, 1, 2, 255}


def test_a_process_makes_its_samples_of_a_batch_and_no_others(dataset):
    settings = {"batch": 3, "crop": 40, "jitter": 0.2}
    own = batches_of(dataset, 5, rows=Rows(1, 3, 3), **settings)
    for part, whole in zip(own[7], batches_of(dataset, 5, **settings)[7], strict=True):
        assert torch.equal(part, whole[1:])


@pytest.mark.parametrize("crop", [321, 100, 64])
@pytest.mark.parametrize(("scale", "multiple"), [(1, 8), (1, 32), (0.75, 32), (0.5, 32)])
def test_a_logit_stands_for_the_same_pixels_whatever_the_crop(dataset, crop, scale, multiple, monkeypatch):
    monkeypatch.setattr(Blind, "multiple", multiple)
    _, labels = batches_of(dataset, batch=1, crop=crop)[0]
    side = labels.shape[-1]
    columns = torch.arange(side).expand(1, side, side)
    cells = -(-int(side * scale) // 8)  # of a network of stride 8 on the scaled image
    wanted = resize_labels(columns, torch.zeros(1, 1, cells, cells))[0, 0]
    middles = (torch.arange(cells) + 0.5) * 8 / scale
    assert side - crop in range(multiple) and (wanted - middles).abs().max() < 1


def test_photograph_and_labels_stay_in_register_through_crop_scale_and_flip(dataset):
    batches = batches_of(dataset, batch=8, crop=64, scales=(0.7, 1.4))
    images, labels = TASK.prepare(*batches[3])
    redness = images[:, 0] - images[:, 2]
    assert (redness[labels == 1] > 0.5).float().mean() > 0.97
    assert (redness[labels == 2] < -0.5).float().mean() > 0.97


def test_photographs_without_a_label_map_are_left_out(dataset, write_label_maps):
    labels = write_label_maps("labels.h5", ("background", "red", "blue"), {"d/b": [[1] * 50] * 75})
    batches = batches_of(dataset, labels=labels, batch=8, crop=64, scales=(0.5, 0.5))
    assert set(batches[0][1].unique().tolist()) == {1, 255}
    other = write_label_maps("other.h5", ("background", "red", "blue"), {"e/b": [[1] * 50] * 75})
    with pytest.raises(InputError, match="no photograph of the boxes has a label map"):
        batches_of(dataset, labels=other, batch=1)
