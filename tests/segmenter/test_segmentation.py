"""Segmentations that are made of predictions, plain and after a dense CRF."""

import numpy as np
import pytest
from conftest import photograph_of
from PIL import Image

from lpg.files.boxes import BoxTable, write_boxes
from lpg.files.label_maps import LabelMaps
from lpg.files.predictions import Scores, write_predictions
from lpg.jobs.job import Job
from lpg.pixels.crf import LARGEFOV_CRF, dense_crf
from lpg.pixels.pictures import read_photograph
from lpg.pixels.windows import Window
from lpg.segmenter.refinement import refine_segmentations
from lpg.segmenter.segmentation import label_map, probabilities, segment_images

CLASSES = ("background", "red", "blue")


def scores_of(probabilities: np.ndarray, class_ids: list[int], window: Window) -> Scores:
    """What a segmenter would leave of float32 (K, h, w)."""
    peaks = probabilities.max(axis=(1, 2))
    values = np.rint(255 * probabilities / peaks[:, None, None]).astype(np.uint8)
    return Scores(class_ids, values, peaks.astype(np.float32), window)


def noisy(seed: int) -> Scores:
    """Of a photograph of 40 × 64 pixels: mostly class 2 on the left, mostly class 1 on the right."""
    rng = np.random.default_rng(seed)
    weights = rng.uniform(0.1, 1, (3, 5, 8)).astype(np.float32)
    weights[2, :, :4] += 1
    weights[1, :, 4:] += 1
    return scores_of(weights / weights.sum(axis=0), [0, 1, 2], Window(0, 0, 40, 64))


def test_the_class_of_the_highest_score_has_the_pixel_whatever_its_number():
    certain = np.array([[[0.2, 0.7]], [[0.8, 0.3]]], dtype=np.float32)
    labels = label_map(scores_of(certain, [0, 7], Window(0, 0, 8, 16)), 8, 16)
    assert labels.dtype == np.uint8
    assert (labels[:, :8] == 7).all() and (labels[:, 9:] == 0).all()


def test_a_score_counts_by_its_height_and_not_by_its_part_of_the_highest():
    low = np.array([[[0.9, 0.6]], [[0.1, 0.1]]], dtype=np.float32)  # the class has its peak everywhere
    assert (label_map(scores_of(low, [0, 1], Window(0, 0, 8, 16)), 8, 16) == 0).all()


def test_probabilities_are_interpolated_over_the_window_and_cut_to_the_photograph():
    ramp = np.linspace(0, 1, 4, dtype=np.float32)[None, None].repeat(4, axis=1)
    found = probabilities(scores_of(ramp, [0], Window(0, 0, 32, 32)), 20, 30)
    assert found.shape == (1, 20, 30)
    middles = found[0, 0, [3, 4, 11, 12, 19, 20, 27, 28]].reshape(4, 2).mean(axis=1)  # of the four cells
    assert middles == pytest.approx([0, 1 / 3, 2 / 3, 1], abs=0.03)


@pytest.fixture
def dataset(tmp_path):
    """Three photographs, each with the boundary of its colours elsewhere, and noisy predictions of them."""
    photographs = []
    for number, name in enumerate("abc"):
        pixels = np.full((40, 64, 3), 60, dtype=np.uint8)
        pixels[:, 28 + 3 * number :] = 200
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
        photographs.append(photograph_of(40, 64, [[0, 0, 5, 5]], [1], name=name, path=tmp_path / f"{name}.png"))
    write_boxes(photographs, CLASSES[1:], path=tmp_path / "boxes.h5", dataset="d")
    names = [f"d/{name}" for name in "abc"]
    write_predictions(tmp_path / "predictions.h5", CLASSES, names, map(noisy, range(3)))
    return tmp_path


def test_the_file_holds_the_segmentation_of_every_photograph(dataset):
    job = Job(dataset / "s.h5")
    segment_images(predictions=dataset / "predictions.h5", boxes=[dataset / "boxes.h5"], job=job)
    labels = LabelMaps([job.path], ("background", "blue", "red"))  # another order: matched by name
    assert labels.names == ["d/a", "d/b", "d/c"]
    for seed, name in enumerate(labels.names):
        swapped = np.array([0, 2, 1])[label_map(noisy(seed), 40, 64)]
        assert np.array_equal(labels[name], swapped)


@pytest.mark.parametrize("processes", [1, 2])
def test_the_file_holds_the_segmentation_of_every_photograph_after_a_crf(dataset, processes):
    job = Job(dataset / "r.h5", processes=processes)
    predictions, boxes = dataset / "predictions.h5", [dataset / "boxes.h5"]
    refine_segmentations(predictions=predictions, boxes=boxes, settings=LARGEFOV_CRF, job=job)
    labels = LabelMaps([job.path], CLASSES)
    for seed, image in enumerate(BoxTable(boxes).images):
        photograph = read_photograph(image.path)
        expected = dense_crf(probabilities(noisy(seed), 40, 64), photograph, LARGEFOV_CRF).argmax(axis=0)
        assert np.array_equal(labels[image.name], expected)
        assert np.array_equal(labels[image.name], np.where(photograph[..., 0] == 200, 1, 2))  # the colours' boundary
        assert not np.array_equal(labels[image.name], label_map(noisy(seed), 40, 64))
