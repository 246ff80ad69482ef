"""Pseudo masks after a dense CRF, in parallel over photographs."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lpg.files.boxes import BoxTable
from lpg.files.hdf5 import stands
from lpg.files.label_maps import write_label_maps
from lpg.files.pseudo_masks import SoftMaskFile
from lpg.jobs.job import Job
from lpg.jobs.processes import in_order
from lpg.photograph import Photograph
from lpg.pixels.crf import LOWEST, CrfSettings, dense_crf
from lpg.pseudo_masks.settling import settle


def refine_pseudo_masks(
    *, pseudo_masks: str | Path, boxes: Sequence[str | Path], settings: CrfSettings, job: Job
) -> None:
    """Label maps from the soft masks of `pseudo_masks.h5`, where the CRF and not the overlap rule decides.

    It changes no mask that somebody accepted.

    Arguments:
        boxes: of the photographs that are wanted; `pseudo_masks` may hold more.
    """
    soft = SoftMaskFile(pseudo_masks)
    table = job.part_of(BoxTable(boxes, soft.classes))
    if stands(job.path, job.ingredients, table.as_read):
        return
    arguments = (
        (soft.foreground(image.name), image, photograph, settings) for image, photograph in table.photographs()
    )
    refined = in_order(refine_masks, arguments, job.processes)
    label_maps = (
        settle(image, labels, soft.boxes(image.name), soft.verdicts(image.name))
        for image, labels in zip(table.images, refined, strict=True)
    )
    write_label_maps(job.path, table.classes, table.names, label_maps, job.provenance)


def refine_masks(
    foreground: np.ndarray, image: Photograph, photograph: np.ndarray, settings: CrfSettings
) -> np.ndarray:
    """The soft masks of several classes as one label map: the CRF decides between them and the background.

    The background is as likely as no class is, were the soft masks independent. No class leaves its boxes.

    Arguments:
        foreground: uint8 (classes, H, W), 255 for 1, of the classes that the boxes of `image` name.

    Returns: uint8 (H, W), 0 for background.
    """
    box_maps = image.box_maps()
    soft = foreground.astype(np.float32) / 255 * box_maps
    weights = np.concatenate([(1 - soft).prod(axis=0, keepdims=True), soft])
    marginals = dense_crf(weights / np.maximum(weights.sum(axis=0), LOWEST), photograph, settings)
    marginals[1:] *= box_maps
    return np.array([0, *image.classes], dtype=np.uint8)[marginals.argmax(axis=0)]
