"""The generator's batches: what is shown, in register, and what teaches nothing."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from conftest import photograph_of, voc_object, voc_xml
from PIL import Image

from lpg.errors import InputError
from lpg.files.boxes import BoxTable, write_boxes
from lpg.files.ground_truth import write_ground_truth
from lpg.files.predictions import ScoreMaps, Scores, write_predictions
from lpg.generators.learned.batches import GeneratorBatches, loosened
from lpg.generators.learned.pairs import BLANK_SCORE, Pair
from lpg.generators.learned.recipe import generator_recipe
from lpg.photograph import Photograph
from lpg.pixels.box_maps import box_map
from lpg.pixels.colours import Normalisation
from lpg.pixels.pictures import write_palette_mask
from lpg.pixels.windows import Window
from lpg.training.sampling import Rows

NORMALISATION = Normalisation((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))


def silence(image: Photograph) -> Scores:
    """Scores of zero."""
    class_ids = [0, *image.classes]
    values = np.zeros((len(class_ids), 1, 1), dtype=np.uint8)
    return Scores(class_ids, values, np.ones(len(class_ids), np.float32), Window(0, 0, image.height, image.width))


@pytest.fixture
def batches_of(make_boxes, make_masks, tmp_path) -> Callable[..., GeneratorBatches]:
    """The batches of a dataset's settings, with scores of zero; options are the recipe's."""

    def make(settings: dict, seed: int = 0, **options) -> GeneratorBatches:
        boxes = make_boxes(settings)
        masks, table = make_masks(settings, boxes), BoxTable([boxes])
        write_predictions(tmp_path / "p.h5", table.classes, table.names, map(silence, table.images))
        scores = ScoreMaps([tmp_path / "p.h5"], table.classes)
        recipe = generator_recipe({"architecture": "hourglass", "crop": 32} | options)
        return GeneratorBatches(table, [masks], scores, recipe, NORMALISATION, seed)

    return make


def test_a_batch_is_a_function_of_seed_and_iteration(coco, batches_of):
    settings = {"view": "box", "batch": 4, "jitter": 0.2, "score_dropout": 0.5}
    one, other = batches_of(coco.settings, **settings), batches_of(coco.settings, **settings)
    other[0], other[1]
    for first, second in zip(one[7], other[7], strict=True):
        assert torch.equal(first, second)
    assert not torch.equal(one[7][0], batches_of(coco.settings, seed=6, **settings)[7][0])
    channels, targets = one[7]
    assert channels.shape == (4, 5, 32, 32)
    assert targets.shape == (4, 8, 8)
    assert channels.dtype == targets.dtype == torch.uint8
    assert set(targets.unique().tolist()) <= {0, 1, 255}
    other.rows = Rows(1, 3, 4)  # of one of several processes
    for part, whole in zip(other[7], one[7], strict=True):
        assert torch.equal(part, whole[1:3])


@pytest.fixture
def square(tmp_path) -> Callable[..., GeneratorBatches]:
    """The batches of one photograph whose bright square fills its box.

    The segmenter sees the square, or, if it is loud, one class everywhere.
    """
    pixels = np.zeros((64, 96, 3), dtype=np.uint8)
    pixels[16:48, 24:56] = 255
    Image.fromarray(pixels).save(tmp_path / "a.png")
    truth = (pixels[..., 0] > 0).astype(np.uint8)
    image = photograph_of(64, 96, [[24, 16, 56, 48]], [1], path=tmp_path / "a.png")
    write_boxes([image], ["square"], path=tmp_path / "boxes.h5", dataset="d")
    table = BoxTable([tmp_path / "boxes.h5"])
    write_ground_truth(tmp_path / "masks.h5", table.classes, [("d/a", truth, [truth])])
    seen = 255 * np.stack([1 - truth, truth])[:, 4::8, 4::8]  # at stride 8

    def make(loud: bool = False, **options) -> GeneratorBatches:
        values = np.full_like(seen, 255) if loud else seen
        scores = Scores([0, 1], values, np.ones(2, np.float32), Window(0, 0, 64, 96))
        write_predictions(tmp_path / "p.h5", table.classes, ["d/a"], [scores])
        recipe = generator_recipe({"architecture": "hourglass", "crop": 64, "batch": 8, "target_stride": 1} | options)
        maps = ScoreMaps([tmp_path / "p.h5"], table.classes)
        return GeneratorBatches(table, [tmp_path / "masks.h5"], maps, recipe, NORMALISATION, seed=0)

    return make


@pytest.mark.parametrize("view", ["image", "box"])
def test_photograph_box_score_and_target_stay_in_register(square, view):
    batches = square(view=view)
    channels, targets = (torch.cat(part) for part in zip(*(batches[iteration] for iteration in range(4)), strict=True))
    known = targets != 255
    assert 0.2 < (targets[known] == 1).float().mean() < 0.8
    for channel in (0, 3, 4):
        assert ((channels[:, channel] > 127) == (targets == 1))[known].float().mean() > 0.97
    # Outside the photograph, but for the pixels that its edge runs through.
    assert not known.all()
    for channel, value in ((0, 128), (3, 0), (4, 0)):
        assert (channels[:, channel][~known] == value).float().mean() > 0.9


@pytest.mark.parametrize("view", ["image", "box"])
def test_boxes_may_be_shown_looser_than_their_objects(square, view):
    options = {"focus": (2.5, 2.5)} if view == "image" else {"context": (2.5, 2.5)}  # all of the box is in the crop
    batches = square(view=view, loosen=0.5, **options)
    channels, targets = (torch.cat(part) for part in zip(*(batches[iteration] for iteration in range(6)), strict=True))
    shown, wanted = channels[:, 3] > 127, targets == 1
    assert (shown | ~wanted).float().mean() > 0.99
    ratios = shown.sum(dim=(1, 2)) / wanted.sum(dim=(1, 2))
    assert ratios.max() < 4.1 and ratios.max() > 1.6 and ratios.min() < 1.2
    known = targets != 255
    assert ((channels[:, 0] > 127) == wanted)[known].float().mean() > 0.97, "the photograph stays in register"


def test_a_looser_box_stays_in_the_photograph_and_tight_ones_are_as_they_were():
    pair = Pair(photograph_of(60, 90, [[0, 10, 30, 60], [40, 20, 50, 24]], [1, 2]), 2, 1)
    rng = np.random.default_rng(0)
    assert loosened(pair, 0.0, rng) is pair
    for _ in range(50):
        boxes = loosened(pair, 0.4, rng).image.boxes
        low, high = boxes[:, :2], boxes[:, 2:]
        assert (low <= pair.image.boxes[:, :2]).all() and (high >= pair.image.boxes[:, 2:]).all()
        assert (low >= 0).all() and (high <= [90, 60]).all()
        assert (boxes[1] - [40, 20, 50, 24] <= [0, 0, 4, 1.6]).all() and (boxes[1] >= [36, 18.4, 50, 24]).all()


@pytest.mark.parametrize("view", ["image", "box"])
def test_there_is_no_score_outside_the_photograph(square, view):
    channels, targets = square(loud=True, view=view)[0]
    known = targets != 255
    assert not known.all()
    assert (channels[:, 4][known] == 255).all()
    assert not channels[:, 4][~known].any()


def test_a_target_is_smaller_than_its_input_by_the_recipes_stride(square):
    whole, small = (square(view="box", target_stride=stride)[0][1] for stride in (1, 4))
    assert (whole.shape, small.shape) == ((8, 64, 64), (8, 16, 16))
    assert (whole[:, 2::4, 2::4] == small).float().mean() > 0.97


@pytest.mark.parametrize(("dropout", "values"), [(0.0, {0.0}), (1.0, {0.6}), (0.5, {0.0, 0.6})])
def test_scores_are_blanked_in_a_part_of_the_samples(coco, batches_of, dropout, values):
    channels, _ = batches_of(coco.settings, view="box", batch=16, score_dropout=dropout)[0]
    assert {round(value / 255, 2) for value in channels[:, 4].unique().tolist()} == values
    assert all(len(sample.unique()) == 1 for sample in channels[:, 4])


def test_a_focused_crop_holds_a_box_of_the_class(coco, batches_of):
    batches = batches_of(coco.settings, view="image", batch=8, minimum_side=2, focus=(1.5, 2.0))
    channels = torch.cat([batches[iteration][0] for iteration in range(4)])
    filled = channels[:, 3].float().mean(dim=(1, 2)) / 255
    # A square box fills a quarter to 4/9, an oblong one a half of that.
    assert filled.min() > 0.1
    assert filled.max() < 0.75


def test_a_box_whose_object_has_no_mask_teaches_nothing(voc, batches_of):
    voc.xml("p").write_text(voc_xml(6, 8, voc_object("cat", "2 2 5 4"), voc_object("cat", "6 4 8 6")))
    objects = np.zeros((6, 8), dtype=np.uint8)
    objects[1:4, 1:4] = 1
    write_palette_mask(voc.objects("p"), objects)
    by_box = batches_of(voc.settings, view="box", minimum_side=1)
    assert [pair.box for pair in by_box.pairs] == [0]
    by_image = batches_of(voc.settings, view="image", minimum_side=1, focus=(1.5, 2.0))
    (pair,) = by_image.pairs
    assert by_image._boxes(pair).tolist() == [[1, 1, 5, 4]]
    target = by_image.target(pair)
    assert (target[1:4, 1:4] == 1).all() and target[:, 5:].tolist() == [[0] * 3] * 3 + [[255] * 3] * 3


def test_where_two_boxes_of_a_class_claim_a_pixel_neither_is_taught_it(voc, batches_of):
    """VOC's class masks without objects: each box has the pixels of its class within it."""
    voc.xml("p").write_text(voc_xml(6, 8, voc_object("cat", "1 1 5 4"), voc_object("cat", "4 2 8 6")))
    cats = np.zeros((6, 8), dtype=np.uint8)
    cats[1:5] = 1
    write_palette_mask(voc.mask("p"), cats)
    settings = {"minimum_side": 1, "target_stride": 1}
    by_box = batches_of(voc.settings, view="box", **settings)
    first, second = map(by_box.target, by_box.pairs)
    assert first.tolist() == [
        [0, 0, 0, 0, 0, 0, 0, 0],
        [1, 1, 1, 255, 255, 0, 0, 0],
        [1, 1, 1, 255, 255, 0, 0, 0],
        [1, 1, 1, 255, 255, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
    ]
    assert second[1:4, 3:5].tolist() == [[255, 255]] * 3 and (second[1:5, 5:] == 1).all()
    by_image = batches_of(voc.settings, view="image", **settings)
    assert (by_image.target(by_image.pairs[0])[1:4] == 1).all()


@pytest.mark.parametrize("view", ["image", "box"])
def test_a_target_is_void_where_an_excluded_class_is_and_the_object_is_not(voc, batches_of, view):
    voc.xml("p").write_text(voc_xml(6, 8, voc_object("cat", "2 2 5 4"), voc_object("tree", "4 1 7 3")))
    cat = np.zeros((6, 8), dtype=np.uint8)
    cat[1:4, 1:5] = 1
    tree = 2 * (np.arange(8) > 4) * (np.arange(6) < 2)[:, None]
    write_palette_mask(voc.mask("p"), (cat + tree).astype(np.uint8))
    write_palette_mask(voc.objects("p"), (cat + tree).astype(np.uint8))
    batches = batches_of(voc.settings, view=view, minimum_side=1, target_stride=1, batch=4)
    (pair,) = batches.pairs
    assert batches.target(pair).tolist() == [
        [0, 0, 0, 255, 255, 255, 255, 0],
        [0, 1, 1, 1, 1, 255, 255, 0],
        [0, 1, 1, 1, 1, 255, 255, 0],
        [0, 1, 1, 1, 1, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
    ]
    assert set(batches[0][1].unique().tolist()) == {0, 1, 255}


def test_classes_are_seen_alike_where_the_recipe_balances_them(tmp_path):
    """Five boxes of a cat and one of a dog, which looks black."""
    edges = [[x, 0, x + 8, 8] for x in range(0, 48, 8)]
    pixels = np.full((8, 48, 3), 255, dtype=np.uint8)
    pixels[:, 40:] = 0
    Image.fromarray(pixels).save(tmp_path / "x.png")
    image = photograph_of(8, 48, edges, [1, 1, 1, 1, 1, 2], path=tmp_path / "x.png")
    write_boxes([image], ["cat", "dog"], path=tmp_path / "b.h5", dataset="d")
    table = BoxTable([tmp_path / "b.h5"])
    masks = [box_map(np.array([edge]), 8, 48).astype(np.uint8) for edge in edges]
    truth = image.box_map(1) + 2 * image.box_map(2)
    write_ground_truth(tmp_path / "m.h5", table.classes, [("d/a", truth.astype(np.uint8), masks)])
    write_predictions(tmp_path / "p.h5", table.classes, table.names, map(silence, table.images))
    scores = ScoreMaps([tmp_path / "p.h5"], table.classes)
    parts = {}
    for balance in (0.0, 1.0):
        settings = {"view": "box", "crop": 32, "batch": 60, "context": (1.0, 1.0), "class_balance": balance}
        recipe = generator_recipe({"architecture": "hourglass", **settings})
        batches = GeneratorBatches(table, [tmp_path / "m.h5"], scores, recipe, NORMALISATION, seed=0)
        centres = torch.cat([batches[iteration][0][:, 0, 14:18, 14:18] for iteration in range(4)]).float()
        parts[balance] = (centres.mean(dim=(1, 2)) < 128).float().mean().item()
        assert torch.equal(batches[2][0], batches[2][0])
    assert parts[0.0] == pytest.approx(1 / 6, abs=1e-6)  # whole epochs
    assert parts[1.0] == pytest.approx(1 / 2, abs=0.1)


def test_without_scores_every_score_is_blank(square):
    batches = square(view="box")
    batches.scores = None
    channels, _ = batches[0]
    assert (channels[:, 4] == BLANK_SCORE).all()


def test_boxes_that_are_all_too_small_are_refused(coco, batches_of):
    with pytest.raises(InputError, match=r"masks\.h5: no box has a mask and sides of at least minimum_side = 9 pixels"):
        batches_of(coco.settings, view="box", minimum_side=9)


def test_two_datasets_are_learned_from_as_one(tmp_path):
    boxes, masks, scores = ([tmp_path / f"{part}_{name}.h5" for name in ("one", "two")] for part in "bmp")
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / "x.png")
    rows = zip(("one", "two"), (["cat"], ["cat", "elephant"]), boxes, masks, scores, strict=True)
    for dataset, classes, *paths in rows:
        image = photograph_of(8, 8, [[1, 1, 5, 5]], [len(classes)], name="x", path=tmp_path / "x.png")
        write_boxes([image], classes, path=paths[0], dataset=dataset)
        table = BoxTable(paths[:1])
        truth = len(classes) * image.box_map(len(classes)).astype(np.uint8)
        write_ground_truth(paths[1], table.classes, [(f"{dataset}/x", truth, [np.minimum(truth, 1)])])
        write_predictions(paths[2], table.classes, table.names, map(silence, table.images))
    table = BoxTable(boxes)
    assert table.classes == ("background", "cat", "elephant")
    recipe = generator_recipe({"architecture": "hourglass", "crop": 32, "batch": 2, "target_stride": 1})
    batches = GeneratorBatches(table, masks, ScoreMaps(scores, table.classes), recipe, NORMALISATION, seed=0)
    assert [(pair.image.name, pair.class_id) for pair in batches.pairs] == [("one/x", 1), ("two/x", 2)]
    for pair in batches.pairs:
        assert np.array_equal(batches.target(pair), pair.box_map())
    assert batches[0][1].shape == (2, 32, 32)
