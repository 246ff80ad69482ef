"""The segmenter: batches one can predict, masks that lie where they belong, files that hold what they say."""

import numpy as np
import pytest
import torch
from PIL import Image as Picture
from torch import nn
from torch.nn import functional

from lpg.annotations import Record
from lpg.files.boxes import BoxTable
from lpg.annotations.extraction import write_boxes
from lpg.files.label_maps import LabelMaps
from lpg.segmenter.losses import SegmenterLoss, resize_labels
from lpg.networks.build import build_segmenter
from lpg.files.checkpoint import Checkpoint
from lpg.files.predictions import ScoreMaps
from lpg.segmenter.recipe import SEGMENTERS, SegmenterRecipe, as_settings
from lpg.training.sampling import batch_indices
from lpg.segmenter.apply import Segmenter, SegmenterBatches, predict_scores, segment_images
from lpg.storage import open_file

CLASSES = ("background", "red", "blue")


class Colours(nn.Module):
    """Sees what is redder or bluer than grey, at stride 8 as the real networks."""

    scales = (1.0,)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        small = functional.avg_pool2d(x, 8)
        red, blue = small[:, 0] - small[:, 2], small[:, 2] - small[:, 0]
        return torch.stack([torch.full_like(red, 1.0), red, blue], dim=1) * 10


def scene(height: int, width: int) -> np.ndarray:
    """Grey, a red left third, a blue lower right quarter."""
    photograph = np.full((height, width, 3), 128, dtype=np.uint8)
    photograph[:, : width // 3] = (230, 30, 30)
    photograph[height // 2 :, width // 2 :] = (30, 30, 230)
    return photograph


@pytest.fixture
def dataset(tmp_path):
    """Two photographs of different shapes, their boxes, and a segmenter that sees colours."""
    records = []
    for name, (height, width) in {"a": (64, 96), "b": (75, 50)}.items():
        Picture.fromarray(scene(height, width)).save(tmp_path / f"{name}.png")
        boxes = [[0, 0, width // 3, height], [width // 2, height // 2, width, height]]
        records.append(
            Record(name, tmp_path / f"{name}.png", "s", height, width, np.array(boxes, np.float32), ["red", "blue"])
        )
    write_boxes(records, CLASSES[1:], path=tmp_path / "boxes.h5", dataset="d")
    Checkpoint(
        kind="segmenter",
        recipe=as_settings(SEGMENTERS["resnet18"]),
        classes=CLASSES,
        weights=build_segmenter("resnet18", 3).state_dict(),
        losses=[],
        initialisation="none",
    ).save(tmp_path / "segmenter.pt")
    return tmp_path


@pytest.mark.parametrize(("height", "width"), [(64, 96), (75, 50), (33, 200)])
def test_a_segmentation_lies_where_the_colours_are(dataset, height, width, monkeypatch):
    segmenter = Segmenter(dataset / "segmenter.pt")
    monkeypatch.setattr(segmenter, "network", Colours())
    labels = segmenter.label_map(scene(height, width))
    assert labels.shape == (height, width)
    third, half = width // 3, height // 2
    # One cell of stride 8 on either side of an edge, and of the padding, may go either way.
    assert (labels[:-8, : third - 8] == 1).all()
    assert (labels[half + 8 : -8, width // 2 + 8 : -8] == 2).all()
    assert (labels[: half - 8, third + 8 :] == 0).all()


def test_scaled_down_photographs_give_masks_of_their_own_size(dataset, monkeypatch):
    segmenter = Segmenter(dataset / "segmenter.pt")
    monkeypatch.setattr(segmenter, "network", Colours())
    monkeypatch.setattr(segmenter, "recipe", SegmenterRecipe(architecture="resnet18", long_side=96))
    labels = segmenter.label_map(scene(100, 192))
    assert (labels[:-16, :48] == 1).all()
    assert (labels[66:-16, 112:-16] == 2).all()


def test_predictions_hold_only_the_named_classes_in_register_with_the_photograph(dataset, monkeypatch):
    monkeypatch.setattr("lpg.segmenter.apply.build_segmenter", lambda *_: Loadable())
    predict_scores(
        segmenter=dataset / "segmenter.pt", boxes=[dataset / "boxes.h5"], path=dataset / "p.h5", device="cpu"
    )
    scores = ScoreMaps([dataset / "p.h5"], CLASSES)
    red = scores("d/b", 1, 75, 50)
    assert red.shape == (75, 50)
    assert red[:64, :8].min() > 250
    assert red[:64, 26:].max() < 5


def test_the_highest_score_is_looked_for_in_the_photograph_and_not_in_its_padding(dataset, monkeypatch):
    Picture.fromarray(np.full((72, 48, 3), (230, 30, 30), dtype=np.uint8)).save(dataset / "c.png")  # padded to 96 × 64
    record = Record("c", dataset / "c.png", "s", 72, 48, np.array([[0, 0, 48, 72]], np.float32), ["red"])
    write_boxes([record], CLASSES[1:], path=dataset / "c.h5", dataset="d")
    monkeypatch.setattr("lpg.segmenter.apply.build_segmenter", lambda *_: Loadable())
    path = dataset / "p.h5"
    predict_scores(segmenter=dataset / "segmenter.pt", boxes=[dataset / "c.h5"], path=path, device="cpu")
    with open_file(path) as file:
        background, red = file["named/peak"][:]
    assert background < 0.01 < 0.99 < red  # in the padding, which is grey, it is the other way round
    assert ScoreMaps([path], CLASSES, relative=True)("d/c", 0, 72, 48).max() == 255


class Loadable(Colours):
    def load_state_dict(self, weights) -> None:
        """The weights are another network's."""


def test_segmentations_are_label_maps_of_the_segmenters_classes(dataset, monkeypatch):
    monkeypatch.setattr("lpg.segmenter.apply.build_segmenter", lambda *_: Loadable())
    segment_images(
        segmenter=dataset / "segmenter.pt", boxes=[dataset / "boxes.h5"], path=dataset / "s.h5", device="cpu"
    )
    labels = LabelMaps([dataset / "s.h5"], ("background", "blue", "red"))  # another order: matched by name
    assert labels["d/a"][0, 0] == 2
    assert labels["d/a"][-1, -1] == 1


def test_a_batch_is_a_function_of_seed_and_iteration(dataset):
    def batches(seed: int) -> SegmenterBatches:
        table = BoxTable([dataset / "boxes.h5"])
        recipe = SegmenterRecipe(architecture="resnet18", batch=3, crop=40, jitter=0.2)
        return SegmenterBatches(table, LabelMaps([dataset / "boxes.h5"], table.classes), recipe, seed)

    one, other = batches(5), batches(5)
    other[0], other[1]
    for first, second in zip(one[7], other[7], strict=True):
        assert torch.equal(first, second)
    assert not torch.equal(one[7][0], batches(6)[7][0])
    images, labels = one[7]
    assert images.shape == (3, 3, 64, 64)
    assert labels.shape == (3, 64, 64)
    assert (labels[:, 40:] == 255).all() and (labels[:, :, 40:] == 255).all()
    assert set(labels.unique().tolist()) <= {0, 1, 2, 255}


@pytest.mark.parametrize("crop", [321, 100, 64])
@pytest.mark.parametrize("scale", [1, 0.75, 0.5])
def test_a_logit_stands_for_the_same_pixels_whatever_the_crop(dataset, crop, scale):
    table = BoxTable([dataset / "boxes.h5"])
    recipe = SegmenterRecipe(architecture="resnet18", batch=1, crop=crop)
    _, labels = SegmenterBatches(table, LabelMaps([dataset / "boxes.h5"], table.classes), recipe, 0)[0]
    side = labels.shape[-1]
    columns = torch.arange(side).expand(1, side, side)
    cells = -(-int(side * scale) // 8)  # of a network of stride 8 on the scaled image
    wanted = resize_labels(columns, torch.zeros(1, 1, cells, cells))[0, 0]
    middles = (torch.arange(cells) + 0.5) * 8 / scale
    assert side - crop in range(32) and (wanted - middles).abs().max() < 1


def test_every_epoch_shows_every_sample_once():
    indices = [index for iteration in range(7) for index in batch_indices(0, iteration, 3, 7)]
    assert sorted(indices[:7]) == sorted(indices[7:14]) == sorted(indices[14:]) == list(range(7))
    assert indices[:7] != indices[7:14]


def test_photograph_and_labels_stay_in_register_through_crop_scale_and_flip(dataset):
    table = BoxTable([dataset / "boxes.h5"])
    recipe = SegmenterRecipe(architecture="resnet18", batch=8, crop=64, scales=(0.7, 1.4))
    batches = SegmenterBatches(table, LabelMaps([dataset / "boxes.h5"], table.classes), recipe, 0)
    images, labels = batches.prepare(*batches[3])
    redness = images[:, 0] - images[:, 2]
    assert (redness[labels == 1] > 0.5).float().mean() > 0.97
    assert (redness[labels == 2] < -0.5).float().mean() > 0.97


def test_the_loss_ignores_void_and_resizes_labels_to_the_logits():
    class Fixed(nn.Module):
        scales = (1.0,)

        def forward(self, x):
            return torch.tensor([0.0, 2.0]).view(1, 2, 1, 1).expand(1, 2, 2, 2)

    labels = torch.full((1, 16, 16), 255)
    labels[:, :8, :8] = 1
    labels[:, 8:, :8] = 0
    expected = functional.cross_entropy(torch.tensor([[0.0, 2.0]] * 2), torch.tensor([1, 0]))
    assert SegmenterLoss()(Fixed(), (torch.zeros(1, 3, 16, 16), labels)) == pytest.approx(expected.item())
