"""Segmentations after a dense CRF."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from lpg.files.hdf5 import stands
from lpg.files.label_maps import write_label_maps
from lpg.jobs.job import Job
from lpg.jobs.processes import in_order
from lpg.pixels.crf import CrfSettings, refine
from lpg.segmenter.segmentation import named, opened, probabilities


def refine_segmentations(
    *, predictions: str | Path, boxes: Sequence[str | Path], settings: CrfSettings, job: Job
) -> None:
    """Write segmentations after a dense CRF, as DeepLab's published ones are (Chen et al., ICLR 2015).

    The CRF works in other processes.
    """
    table, maps = opened(predictions, boxes, job)
    if stands(job.path, job.ingredients, table.as_read):
        return

    def arguments() -> Iterator[tuple[np.ndarray, np.ndarray, CrfSettings]]:
        for image, photograph in table.photographs():
            yield probabilities(maps.scores(image.name), image.height, image.width), photograph, settings

    refined = in_order(refine, arguments(), job.processes)
    label_maps = (
        named(positions, maps.scores(image.name)) for image, positions in zip(table.images, refined, strict=True)
    )
    write_label_maps(job.path, table.classes, table.names, label_maps, job.provenance)
