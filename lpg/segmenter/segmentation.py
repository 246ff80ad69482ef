"""Segmentations from the scores that a segmenter left: no network runs twice over a photograph."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from lpg.files.boxes import BoxTable
from lpg.files.hdf5 import class_table, open_file
from lpg.files.label_maps import write_label_maps
from lpg.files.predictions import ScoreMaps, Scores
from lpg.jobs.job import Job
from lpg.jobs.processes import in_order
from lpg.pixels.crf import CrfSettings, refine
from lpg.pixels.windows import resize


def segment_images(*, predictions: str | Path, boxes: Sequence[str | Path], job: Job) -> None:
    """Write the segmentation of every photograph of `boxes` as label maps; the boxes themselves are not looked at."""
    table, maps = _opened(predictions, boxes, job)
    label_maps = (label_map(maps.scores(image.name), image.height, image.width) for image in table.images)
    write_label_maps(job.path, table.classes, table.names, label_maps, job.provenance)


def refine_segmentations(
    *, predictions: str | Path, boxes: Sequence[str | Path], settings: CrfSettings, job: Job
) -> None:
    """As `segment_images`, after a dense CRF, as DeepLab's published segmentations are (Chen et al., ICLR 2015).

    The CRF works in other processes.
    """
    table, maps = _opened(predictions, boxes, job)

    def arguments() -> Iterator[tuple[np.ndarray, np.ndarray, CrfSettings]]:
        for image, photograph in table.photographs():
            yield probabilities(maps.scores(image.name), image.height, image.width), photograph, settings

    refined = in_order(refine, arguments(), job.processes)
    label_maps = (
        named(positions, maps.scores(image.name)) for image, positions in zip(table.images, refined, strict=True)
    )
    write_label_maps(job.path, table.classes, table.names, label_maps, job.provenance)


def _opened(predictions: str | Path, boxes: Sequence[str | Path], job: Job) -> tuple[BoxTable, ScoreMaps]:
    with open_file(predictions) as file:
        classes = class_table(file)
    return job.part_of(BoxTable(boxes, classes)), ScoreMaps([predictions], classes)


def probabilities(scores: Scores, height: int, width: int) -> np.ndarray:
    """Of the classes that are kept, interpolated to the photograph's pixels, float32 (K, H, W)."""
    known = torch.from_numpy(scores.values) * torch.from_numpy(scores.peaks / np.float32(255))[:, None, None]
    return resize(known, scores.window.height, scores.window.width)[:, :height, :width].numpy()


def label_map(scores: Scores, height: int, width: int) -> np.ndarray:
    """The class of the highest score of every pixel, uint8 (H, W)."""
    return named(probabilities(scores, height, width).argmax(axis=0), scores)


def named(positions: np.ndarray, scores: Scores) -> np.ndarray:
    """Class ids, uint8 (H, W), from positions among the classes that are kept."""
    return np.array(scores.class_ids, dtype=np.uint8)[positions]
