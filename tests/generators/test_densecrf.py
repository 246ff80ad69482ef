"""WSSL's masks from boxes by a dense CRF, and how labels compete for pixels."""

import numpy as np
import pytest
from conftest import photograph_of, request_of

from lpg.evaluation.confusion import confusion_matrix, mean_iou
from lpg.files.boxes import BoxTable
from lpg.files.label_maps import LabelMaps
from lpg.generators.baselines.joint import disjoint_soft_masks
from lpg.generators.baselines.wssl.densecrf import box_prior
from lpg.generators.interface import Request
from lpg.generators.opening import open_method
from lpg.pixels.fusion import fuse_foreground
from lpg.pixels.pictures import read_photograph


def test_disjoint_soft_masks_set_a_class_against_its_strongest_rival():
    weights = np.array([[[0.6, 0.2, 0.5, 0.4, 0.0]], [[0.3, 0.6, 0.5, 0.3, 0.0]], [[0.1, 0.2, 0.0, 0.3, 0.0]]])
    masks = disjoint_soft_masks(weights)
    third, quarter, tenth = 255 / 3, 255 / 4, 255 / 7
    expected = [[third, 255 - quarter, 127, 255 * 3 / 7, 0], [tenth, quarter, 0, 255 * 3 / 7, 0]]
    assert masks.dtype == np.uint8
    assert np.array_equal(masks[:, 0], np.round(expected))
    many = np.random.default_rng(0).random((6, 40, 40), dtype=np.float32)
    assert np.array_equal(
        np.stack([many.argmax(axis=0) == label for label in range(1, 6)]), disjoint_soft_masks(many) > 127
    )


def test_boxes_say_background_outside_and_the_class_at_their_centre():
    prior = box_prior(photograph_of(5, 9, [[1, 0, 9, 4]], [7]))  # 8 by 4 pixels: the centre has 20 % of 32, rounded
    h = 0.5
    background = [
        [1, h, h, h, h, h, h, h, h],
        [1, h, h, 0, 0, 0, 0, h, h],
        [1, h, h, 0, 0, 0, 0, h, h],
        [1, h, h, h, h, h, h, h, h],
        [1, 1, 1, 1, 1, 1, 1, 1, 1],
    ]
    assert np.array_equal(prior[0], np.array(background, dtype=np.float32))
    assert np.array_equal(prior[1], 1 - prior[0])


def test_where_boxes_meet_all_their_classes_are_possible_and_the_smaller_centre_counts():
    prior = box_prior(photograph_of(20, 20, [[0, 0, 20, 20], [6, 6, 14, 14], [16, 0, 20, 4]], [4, 2, 2]))
    assert np.allclose(prior[:, 6, 6], [0, 0, 1]), "the centre of the large box, class 4"
    assert np.allclose(prior[:, 10, 10], [0, 1, 0]), "both centres: the smaller box, class 2"
    assert np.allclose(prior[:, 0, 16], 1 / 3), "no centre, boxes of both classes"
    assert np.allclose(prior[:, 0, 0], [1 / 2, 0, 1 / 2]), "in the large box alone"
    assert np.allclose(prior.sum(axis=0), 1)


@pytest.mark.parametrize("box", [[2.4, 2.4, 2.8, 2.8], [2, 2, 3, 3], [2, 2, 4, 4], [4.5, 0, 5, 5], [0, 0, 5, 5]])
def test_the_smallest_box_has_a_centre_inside_it(box):
    image = photograph_of(5, 5, [box], [1])
    certain = box_prior(image)[1] == 1
    assert certain.any() and not certain[~image.box_map(1)].any()


def test_densecrf_finds_a_bright_square_in_its_box():
    photograph = np.full((60, 80, 3), 60, dtype=np.uint8)
    photograph[18:42, 28:52] = (240, 220, 30)
    (masks,) = open_method("densecrf", {})([request_of(photograph, [[16, 8, 64, 52]], [3])])
    square = np.zeros((60, 80), dtype=bool)
    square[18:42, 28:52] = True
    wrong = (masks.foreground[0] > 127) != square
    assert masks.foreground.shape == (1, 60, 80)
    assert wrong.sum() <= 4
    # An object is in or out: the sureness of a CRF says nothing of how good it is.
    (single,) = masks.boxes
    assert np.array_equal(single, 255 * (masks.foreground[0][8:52, 16:64] > 127)) and single.dtype == np.uint8


def test_no_class_leaves_its_boxes_and_none_gives_up_its_centre():
    photograph = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    request = request_of(photograph, [[4, 4, 40, 30], [20, 10, 62, 46], [2, 34, 14, 46]], [5, 2, 5])
    (masks,) = open_method("densecrf", {})([request])
    image = request.image
    assert image.classes == [2, 5]
    for class_id, mask, certain in zip(image.classes, masks.foreground, box_prior(image)[1:] == 1, strict=True):
        assert not mask[~image.box_map(class_id)].any()
        assert (mask[certain] > 127).all()
    assert not (masks.foreground > 127).all(axis=0).any()


def test_benchmark_densecrf_beats_box_fill(benchmark, make_boxes, make_masks):
    kept = ["aeroplane", "bicycle", "boat", "car", "cat", "cow", "dog", "horse", "motorbike", "person", "sheep"]
    settings = {"format": "voc", "root": str(benchmark / "voc"), "split": "val", "classes": {"keep": kept}}
    boxes = make_boxes(settings | {"fraction": 0.016}, clip_boxes=True)
    table, truth = BoxTable([boxes]), LabelMaps([make_masks(settings, boxes)], ("background", *kept))
    matrices = {name: np.zeros((12, 12), dtype=int) for name in ("boxes", "densecrf")}
    for image in table.images:
        request = Request(image, read_photograph(image.path), {})
        for name, matrix in matrices.items():
            (masks,) = open_method(name, {})([request])
            labels = fuse_foreground(image.classes, masks.foreground, image.box_maps())
            matrix += confusion_matrix(truth[image.name], labels, 12)
    assert 3 <= len(table) <= 5
    assert mean_iou(matrices["densecrf"]) > mean_iou(matrices["boxes"]) + 0.02
