"""Segmentations from the scores that a segmenter left: no network runs twice over a photograph."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from lpg.files.boxes import BoxTable
from lpg.files.hdf5 import class_table, open_file
from lpg.files.label_maps import write_label_maps
from lpg.files.predictions import ScoreMaps, Scores
from lpg.jobs.job import Job
from lpg.pixels.windows import resize


def segment_images(*, predictions: str | Path, boxes: Sequence[str | Path], job: Job) -> None:
    """Write the segmentation of every photograph of `boxes` as label maps; the boxes themselves are not looked at."""
    table, maps = opened(predictions, boxes, job)
    label_maps = (label_map(maps.scores(image.name), image.height, image.width) for image in table.images)
    write_label_maps(job.path, table.classes, table.names, label_maps, job.provenance)


def opened(predictions: str | Path, boxes: Sequence[str | Path], job: Job) -> tuple[BoxTable, ScoreMaps]:
    """The photographs of a job and their scores, under the class table of the scores."""
    with open_file(predictions) as file:
        classes = class_table(file)
    return job.part_of(BoxTable(boxes, classes)), ScoreMaps([predictions], classes)


def probabilities(scores: Scores, height: int, width: int) -> np.ndarray:
    """The probabilities of the classes that are kept, at the photograph's pixels, float32 (K, H, W)."""
    known = torch.from_numpy(scores.values) * torch.from_numpy(scores.peaks / np.float32(255))[:, None, None]
    return resize(known, scores.window.height, scores.window.width)[:, :height, :width].numpy()


def label_map(scores: Scores, height: int, width: int) -> np.ndarray:
    """The class of the highest score of every pixel, uint8 (H, W)."""
    return named(probabilities(scores, height, width).argmax(axis=0), scores)


def named(positions: np.ndarray, scores: Scores) -> np.ndarray:
    """Class ids, uint8 (H, W), from positions among the classes that are kept."""
    return np.array(scores.class_ids, dtype=np.uint8)[positions]
