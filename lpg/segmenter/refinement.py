"""Segmentations after a dense CRF, as DeepLab's published ones are (Chen et al., ICLR 2015)."""

from collections.abc import Sequence
from pathlib import Path

from lpg.files.boxes import BoxTable
from lpg.files.label_maps import write_label_maps
from lpg.jobs.job import Job
from lpg.jobs.processes import in_order
from lpg.pixels.crf import CrfSettings, refine
from lpg.segmenter.apply import Segmenter


def refine_segmentations(segmenter: Segmenter, *, boxes: Sequence[str | Path], settings: CrfSettings, job: Job) -> None:
    """As `segment_images`, after the dense CRF, which works in other processes than the network."""
    table = BoxTable(boxes, segmenter.classes)
    arguments = (
        (segmenter.probabilities(photograph).numpy(), photograph, settings) for _, photograph in table.photographs()
    )
    write_label_maps(job.path, table.classes, table.names, in_order(refine, arguments, job.processes), job.provenance)
