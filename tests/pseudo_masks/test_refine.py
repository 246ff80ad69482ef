"""Pseudo masks after a dense CRF: they follow the edges, and no class leaves its boxes."""

import numpy as np
import pytest
from conftest import photograph_of
from PIL import Image

from lpg.files.boxes import BoxTable, write_boxes
from lpg.files.label_maps import LabelMaps
from lpg.generators.opening import open_method
from lpg.jobs.job import Job
from lpg.pixels.crf import RESNET101_CRF, CrfSettings
from lpg.pixels.pictures import read_photograph
from lpg.pseudo_masks.generate import generate_pseudo_masks
from lpg.pseudo_masks.refine import refine_masks, refine_pseudo_masks


def test_soft_masks_after_the_crf_stay_in_their_boxes_and_follow_the_edges():
    """A bright square; the soft mask is a blurred guess of it, the box is larger."""
    photograph = np.full((40, 40, 3), 30, dtype=np.uint8)
    photograph[10:30, 10:30] = 220
    foreground = np.zeros((1, 40, 40), dtype=np.uint8)
    foreground[0, 7:33, 7:33] = 140
    foreground[0, 12:28, 12:28] = 230
    labels = refine_masks(foreground, photograph_of(40, 40, [[5, 5, 35, 35]], [4]), photograph, RESNET101_CRF)
    expected = np.zeros((40, 40), dtype=np.uint8)
    expected[10:30, 10:30] = 4
    assert labels.dtype == np.uint8
    assert np.array_equal(labels, expected)
    labels = refine_masks(foreground, photograph_of(40, 40, [[5, 5, 20, 35]], [4]), photograph, RESNET101_CRF)
    assert labels[14:26, 12:18].all() and not labels[:, 20:].any()


def test_no_class_leaves_its_boxes_however_strong_the_crf():
    photograph, foreground = np.full((20, 40, 3), 128, dtype=np.uint8), np.full((1, 20, 40), 255, dtype=np.uint8)
    image = photograph_of(20, 40, [[0, 0, 30, 20]], [1])
    labels = refine_masks(foreground, image, photograph, CrfSettings(100, 50, 50, 3, 1))
    assert np.array_equal(labels, image.box_map(1))


def test_the_crf_and_not_the_overlap_rule_decides_between_classes():
    """Two squares of two colours; both soft masks claim both, each its own a little more."""
    photograph = np.full((30, 60, 3), 128, dtype=np.uint8)
    photograph[5:25, 10:30], photograph[5:25, 30:50] = (230, 30, 30), (30, 30, 230)
    foreground = np.zeros((2, 30, 60), dtype=np.uint8)
    foreground[:, 5:25, 10:50] = 150
    foreground[0, 5:25, 10:30] = foreground[1, 5:25, 30:50] = 200
    image = photograph_of(30, 60, [[8, 3, 52, 27], [8, 3, 52, 27]], [2, 7])
    expected = np.zeros((30, 60), dtype=np.uint8)
    expected[5:25, 10:30], expected[5:25, 30:50] = 2, 7
    assert np.array_equal(refine_masks(foreground, image, photograph, RESNET101_CRF), expected)


@pytest.fixture
def datasets(tmp_path):
    """The `boxes.h5` of two datasets, whose photographs bear the same name."""
    paths = []
    for dataset, (height, width) in {"first": (33, 50), "other": (40, 64)}.items():
        photographs = []
        for name, box in {"a": [0, 0, 20, 20], "b": [3, 5, 30, 31.5]}.items():
            path = tmp_path / dataset / f"{name}.png"
            path.parent.mkdir(exist_ok=True)
            pixels = np.full((height, width, 3), (40, 160, 40), dtype=np.uint8)
            pixels[:, : width // 3] = (200, 30, 30)
            Image.fromarray(pixels).save(path)
            photographs.append(photograph_of(height, width, [box], [1], name=name, path=path))
        paths.append(tmp_path / dataset / "boxes.h5")
        write_boxes(photographs, ["red", "blue"], path=paths[-1], dataset=dataset)
    return paths


@pytest.mark.parametrize("processes", [1, 2])
def test_pseudo_masks_are_refined_by_name_out_of_a_file_of_several_datasets(datasets, tmp_path, processes):
    masks, job = tmp_path / "pseudo_masks.h5", Job(tmp_path / "pseudo_masks_crf.h5", {"rule": "r"}, processes=processes)
    generate_pseudo_masks(open_method("boxes", {}), boxes=datasets, predictions=[], job=Job(masks))
    refine_pseudo_masks(pseudo_masks=masks, boxes=datasets[1:], settings=RESNET101_CRF, job=job)
    labels = LabelMaps([job.path], ("background", "red", "blue"))
    assert labels.names == ["other/a", "other/b"]
    for image in BoxTable(datasets[1:]).images:
        foreground = image.box_map(1)[None].astype(np.uint8) * 255
        expected = refine_masks(foreground, image, read_photograph(image.path), RESNET101_CRF)
        assert np.array_equal(labels[image.name], expected)
        assert expected.any() and not expected[~image.box_map(1)].any()
