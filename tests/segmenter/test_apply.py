"""The segmenter applied: scores that lie where they belong, files that hold what they say."""

import numpy as np
import pytest
import torch
from conftest import photograph_of
from PIL import Image
from segmenter.colours import Colours
from torch.nn import functional

from lpg.errors import InputError
from lpg.files.boxes import BoxTable, write_boxes
from lpg.files.checkpoint import Checkpoint
from lpg.files.hdf5 import open_file
from lpg.files.predictions import ScoreMaps
from lpg.jobs.job import Job
from lpg.pixels.colours import Normalisation
from lpg.segmenter.apply import Segmenter, contenders, deciding, predict_scores
from lpg.segmenter.network import build_network
from lpg.segmenter.recipe import SegmenterRecipe
from lpg.segmenter.segmentation import label_map

CLASSES = ("background", "red", "blue")
RECIPE = SegmenterRecipe(architecture="resnet18")


@pytest.fixture
def segmenter() -> Segmenter:
    return Segmenter(Colours(), RECIPE, CLASSES)


def segmentation(segmenter: Segmenter, photograph: np.ndarray) -> np.ndarray:
    """What a segmenter says of a photograph without boxes, uint8 (H, W)."""
    height, width = photograph.shape[:2]
    return label_map(segmenter.predict(photograph_of(height, width, [], []), photograph), height, width)


@pytest.mark.parametrize(("height", "width"), [(64, 96), (75, 50), (33, 200)])
def test_a_segmentation_lies_where_the_colours_are(segmenter, scene, height, width):
    labels = segmentation(segmenter, scene(height, width))
    assert labels.shape == (height, width)
    third, half = width // 3, height // 2
    # One cell of stride 8 on either side of an edge, and of the padding, may go either way.
    assert (labels[:-8, : third - 8] == 1).all()
    assert (labels[half + 8 : -8, width // 2 + 8 : -8] == 2).all()
    assert (labels[: half - 8, third + 8 :] == 0).all()


@pytest.mark.parametrize("long_side", [None, 96])
def test_labels_are_those_of_the_files(scene, long_side):
    segmenter = Segmenter(Colours(), SegmenterRecipe(architecture="resnet18", long_side=long_side), CLASSES)
    labels, stored = segmenter.labels(scene(75, 150)), segmentation(segmenter, scene(75, 150))
    assert (labels.dtype, labels.shape, set(np.unique(labels))) == (np.uint8, (75, 150), {0, 1, 2})
    assert (labels != stored).mean() < 0.005  # whose scores have 8 bits


@pytest.mark.parametrize("of", [Segmenter.labels, Segmenter.scores])
def test_a_photograph_is_of_bytes_and_of_three_colours(segmenter, scene, of):
    """Of values from 0 to 1 a network makes a map of the background, without a word."""
    image = scene(64, 96)
    expected = of(segmenter, image)
    assert (torch.as_tensor(of(segmenter, Image.fromarray(image))) == torch.as_tensor(expected)).all()
    for other in (image / 255, image[:, :, 0], np.dstack([image, image[:, :, :1]]), image[:0], image.astype(np.uint16)):
        with pytest.raises(InputError, match=r"the image is .*; give RGB as uint8 \(H, W, 3\)"):
            of(segmenter, other)


def test_scaled_down_photographs_give_masks_of_their_own_size(scene):
    segmenter = Segmenter(Colours(), SegmenterRecipe(architecture="resnet18", long_side=96), CLASSES)
    labels = segmentation(segmenter, scene(100, 192))
    assert (labels[:-16, :48] == 1).all()
    assert (labels[66:-16, 112:-16] == 2).all()


def test_a_mirrored_photograph_is_averaged_with_it():
    class Left(Colours):
        """Says red on the left, whatever it sees."""

        def forward(self, x):
            logits = super().forward(x) * 0
            logits[:, 1, :, : logits.shape[-1] // 2] = 100.0
            return logits

    grey = np.full((32, 64, 3), 128, dtype=np.uint8)
    plain, averaged = (
        Segmenter(Left(), SegmenterRecipe(architecture="resnet18", flip_test=flip), CLASSES).scores(grey)[1]
        for flip in (False, True)
    )
    assert plain[0].tolist() == pytest.approx([1] * 4 + [1 / 3] * 4)
    assert averaged[0].tolist() == pytest.approx([(1 + 1 / 3) / 2] * 8)


def test_mirroring_may_be_chosen_where_a_checkpoint_is_opened(tmp_path):
    recipe = SegmenterRecipe(architecture="resnet18", flip_test=True)
    torch.manual_seed(0)
    network = build_network(recipe, 3)
    made = ("segmenter", recipe.plain(), CLASSES, network.state_dict(), [0.5], "none", network.normalisation)
    Checkpoint(*made).save(tmp_path / "f.pt")
    found = [Segmenter.load(tmp_path / "f.pt", flip_test=flip).recipe.flip_test for flip in (None, False, True)]
    assert found == [True, False, True]
    assert Segmenter.load(tmp_path / "f.pt", torch.device("cpu")).device == "cpu"


@pytest.mark.parametrize(
    ("change", "unknown"), [({"architecture": "mamba"}, "architecture 'mamba'"), ({"blend": 3}, "key 'blend'")]
)
def test_a_segmenter_of_another_version_is_refused(tmp_path, change, unknown):
    recipe = SegmenterRecipe(architecture="resnet18")
    network = build_network(recipe, 3)
    made = ("segmenter", recipe.plain() | change, CLASSES, network.state_dict(), [0.5], "none", network.normalisation)
    Checkpoint(*made).save(tmp_path / "f.pt")
    with pytest.raises(InputError, match=rf"f\.pt is of another version of lpg: unknown {unknown}"):
        Segmenter.load(tmp_path / "f.pt")


def test_predictions_are_in_register_with_the_photograph(segmenter, dataset, tmp_path):
    predict_scores(segmenter, boxes=[dataset], job=Job(tmp_path / "p.h5"))
    (image,) = (image for image in BoxTable([dataset]).images if image.name == "d/b")
    red = ScoreMaps([tmp_path / "p.h5"], CLASSES)(image, 1)
    assert red.shape == (75, 50)
    assert red[:64, :8].min() > 250
    assert red[:64, 26:].max() < 5


def test_predictions_hold_the_named_classes_and_those_that_are_seen(segmenter, scene):
    grey, red = np.full((64, 64, 3), 128, dtype=np.uint8), np.full((64, 64, 3), (230, 30, 30), dtype=np.uint8)

    def held(photograph: np.ndarray, *class_ids: int) -> list[int]:
        image = photograph_of(*photograph.shape[:2], [[0, 0, 8, 8]] * len(class_ids), class_ids)
        return segmenter.predict(image, photograph).class_ids

    assert held(grey) == [0]
    assert held(grey, 2) == [0, 2]
    assert held(red) == [0, 1]
    assert held(red, 2) == [0, 1, 2]
    assert held(scene(64, 96), 1) == [0, 1, 2]


@pytest.mark.parametrize("seed", range(20))
def test_no_other_class_than_the_contenders_wins_a_pixel(seed):
    rng = torch.Generator().manual_seed(seed)
    scores = (5 * torch.randn(8, 3, 4, generator=rng)).softmax(dim=0)
    winners = functional.interpolate(scores[None], size=(96, 128), mode="bilinear")[0].argmax(dim=0)
    kept = set(contenders(scores))
    assert set(winners.unique().tolist()) <= kept
    assert kept == {label for label in range(8) if (4 * scores[label] >= scores.max(dim=0).values).any()}


def interpolated(scores: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(scores[None], scale_factor=32, mode="bilinear")[0]


@pytest.mark.parametrize("size", [(3, 4), (1, 5), (6, 1), (1, 1)])
@pytest.mark.parametrize("seed", range(10))
def test_labels_stay_where_scores_that_decide_nothing_are_gone(seed, size):
    rng = torch.Generator().manual_seed(seed)
    scores = (5 * torch.randn(8, *size, generator=rng)).softmax(dim=0)
    kept = deciding(scores)
    assert kept.shape == scores.shape and not kept.all()
    assert interpolated(scores * kept).argmax(dim=0).equal(interpolated(scores).argmax(dim=0))


def test_a_cell_decides_beside_every_cell_in_which_its_class_may_win():
    scores = torch.tensor([[0.9, 0.9, 0.5, 0.9, 0.9, 0.9], [0.1, 0.1, 0.5, 0.1, 0.1, 0.1]])[:, None]
    assert deciding(scores).tolist() == [[[True] * 6], [[False, True, True, True, False, False]]]


def test_scores_that_no_crf_reads_are_kept_where_they_decide(scene):
    class Unsure(Colours):
        def forward(self, x):
            return super().forward(x) / 5

    segmenter, photograph = Segmenter(Unsure(), RECIPE, CLASSES), scene(64, 96)
    image = photograph_of(64, 96, [[0, 0, 8, 8]], [1])
    whole, part = (segmenter.predict(image, photograph, everywhere) for everywhere in (True, False))
    assert whole.class_ids == part.class_ids == [0, 1, 2]
    assert np.array_equal(whole.values[:2], part.values[:2])  # the background's, and what the boxes name
    blue = part.values[2] > 0
    assert blue[4:, 6:].all() and blue[3, 5] and not blue[:3].any() and (whole.values[2, :3, 4:] > 20).all()
    assert np.array_equal(label_map(whole, 64, 96), label_map(part, 64, 96))


def test_every_class_is_kept_where_the_network_sees_finer_than_the_photograph():
    """More than four of its cells are mixed into a pixel then."""
    finer = Segmenter(Colours(), RECIPE.model_copy(update={"long_side": 512}), CLASSES)
    red = np.full((16, 16, 3), (230, 30, 30), dtype=np.uint8)
    assert finer.predict(photograph_of(16, 16, [], []), red).class_ids == [0, 1, 2]


def test_photographs_of_several_sizes_together_have_the_scores_of_each_alone(scene):
    torch.manual_seed(0)
    recipe = SegmenterRecipe(architecture="resnet18", long_side=64, flip_test=True)
    segmenter = Segmenter(build_network(recipe, 3), recipe, CLASSES)
    photographs = [scene(50, 75), scene(75, 50)[::-1], scene(75, 50), scene(50, 75)[:, ::-1], scene(64, 64)]
    found = segmenter.scores_of([segmenter.seen(photograph) for photograph in photographs])
    for photograph, scores in zip(photographs, found, strict=True):
        assert torch.allclose(scores, segmenter.scores(photograph), atol=2e-3)
    assert not torch.allclose(found[0], found[3], atol=2e-2) and not torch.allclose(found[1], found[2], atol=2e-2)


def test_the_highest_score_is_looked_for_in_the_photograph_and_not_in_its_padding(segmenter, tmp_path):
    Image.fromarray(np.full((72, 48, 3), (230, 30, 30), dtype=np.uint8)).save(tmp_path / "c.png")  # padded to 96 × 64
    image = photograph_of(72, 48, [[0, 0, 48, 72]], [1], name="c", path=tmp_path / "c.png")
    write_boxes([image], CLASSES[1:], path=tmp_path / "c.h5", dataset="d")
    path = tmp_path / "p.h5"
    predict_scores(segmenter, boxes=[tmp_path / "c.h5"], job=Job(path))
    with open_file(path) as file:
        background, red = file["scored/peak"][:]
    assert background < 0.01 < 0.99 < red  # in the padding, which is grey, it is the other way round
    assert ScoreMaps([path], CLASSES).scores("d/c").values[:, :72, :48].max() == 255


def test_boxes_of_another_class_table_are_refused(dataset, tmp_path):
    segmenter = Segmenter(Colours(), RECIPE, ("background", "red", "green"))
    with pytest.raises(InputError, match="class 'blue' is not in the class table background, red, green"):
        predict_scores(segmenter, boxes=[dataset], job=Job(tmp_path / "p.h5"))


@pytest.mark.parametrize("masking", [False, True])
def test_a_checkpoint_gives_the_segmenter_that_was_saved(scene, tmp_path, masking):
    torch.manual_seed(0)
    recipe = SegmenterRecipe(architecture="resnet18", long_side=64, masking=masking)
    network = build_network(recipe, 3)
    network.normalisation = Normalisation((0.4, 0.5, 0.6), (0.1, 0.2, 0.3))  # not what the registry says
    Checkpoint(
        kind="segmenter",
        recipe=recipe.plain(),
        classes=CLASSES,
        weights=network.state_dict(),
        losses=[],
        initialisation="none",
        normalisation=network.normalisation,
    ).save(tmp_path / "segmenter.pt")
    loaded = Segmenter.load(tmp_path / "segmenter.pt", classes=CLASSES)
    assert (loaded.recipe, loaded.classes) == (recipe, CLASSES)
    expected = Segmenter(network, recipe, CLASSES).scores(scene(50, 75))
    assert torch.equal(loaded.scores(scene(50, 75)), expected)
    with pytest.raises(InputError, match="was trained for the classes background, red, blue, not for background, cat"):
        Segmenter.load(tmp_path / "segmenter.pt", classes=("background", "cat"))
