"""mIoU of ONE confusion matrix over a whole split: background included, void left out."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lpg.classes import VOID
from lpg.errors import InputError
from lpg.files.label_maps import LabelMaps

log = logging.getLogger(__name__)


def confusion_matrix(truth: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """Pixel counts, int64 (classes, classes): rows are the ground truth, columns the labels.

    Pixels whose truth is void are left out. Void labels (an ignore band) count as background.
    """
    rows, columns, pixels = _runs_of_pairs(truth, labels)
    columns = np.where(columns == VOID, 0, columns)
    known = rows != VOID
    pairs = rows[known] * classes + columns[known]
    counts = np.bincount(pairs, weights=pixels[known], minlength=classes * classes)  # exact: a float64 counts to 2^53
    return counts.astype(np.int64).reshape(classes, classes)


def _runs_of_pairs(truth: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The truth, the label and the number of pixels of every run of one truth and one label, int64 (runs,).

    Maps are mostly runs: to find their ends is several times as fast as to count every pixel (docs/performance.md).
    """
    pairs = (truth.astype(np.uint16) << 8 | labels).ravel()
    starts = np.concatenate([[0], np.flatnonzero(pairs[1:] != pairs[:-1]) + 1])
    found = pairs[starts].astype(np.int64)
    return found >> 8, found & 0xFF, np.diff(starts, append=pairs.size)


def intersection_over_union(matrix: np.ndarray) -> np.ndarray:
    """Per-class IoU, float64 (classes,); NaN for a class that neither the truth nor the labels hold."""
    union = matrix.sum(axis=0) + matrix.sum(axis=1) - np.diag(matrix)
    with np.errstate(invalid="ignore"):
        return np.diag(matrix) / union


def mean_iou(matrix: np.ndarray) -> float:
    """The mean IoU over the classes that occur, in the truth or in the labels; not a number where none does.

    So a class that is predicted and is not there counts as 0.
    """
    return float(np.nanmean(intersection_over_union(matrix)))


def score_label_maps(truth: Sequence[str | Path], labels: Sequence[str | Path], class_names: Sequence[str]) -> dict:
    """Score label maps against ground truth masks, image by image into one confusion matrix.

    Only images that both sides hold are scored.

    Returns: `images`, `classes` (how many occur), `miou` over them and `iou` per class (per cent; None for one that
        does not occur), `confusion`.

    Raises:
        InputError: there is nothing to score, or the two do not fit.
    """
    true_maps, label_maps = LabelMaps(truth, class_names), LabelMaps(labels, class_names)
    known = true_maps.names
    names = [name for name in known if name in label_maps]
    if not names:
        raise InputError(
            f"{truth[0]} and {labels[0]} have no photograph in common", "give two files of the same dataset"
        )
    if len(names) < len(known):
        log.warning(
            "%d of the %d photographs of %s are in %s: the others are not scored",
            len(names), len(known), truth[0], labels[0],
        )  # fmt: skip
    matrix = np.zeros((len(class_names), len(class_names)), dtype=np.int64)
    for name in names:
        true_map, label_map = true_maps[name], label_maps[name]
        if true_map.shape != label_map.shape:
            sizes = f"{true_map.shape} in {truth[0]} but {label_map.shape} in {labels[0]}"
            raise InputError(f"{name} is {sizes}", "make both again")
        matrix += confusion_matrix(true_map, label_map, len(class_names))
    if not matrix.any():
        raise InputError(
            f"{truth[0]}: all pixels of the {len(names)} photographs of '{names[0].partition('/')[0]}' are void, so no "
            "class occurs in it",
            "score on a dataset whose masks show a class",
        )
    iou = 100 * intersection_over_union(matrix)
    return {
        "images": len(names),
        "classes": int(np.count_nonzero(~np.isnan(iou))),
        "miou": 100 * mean_iou(matrix),
        "iou": {name: None if np.isnan(value) else float(value) for name, value in zip(class_names, iou, strict=True)},
        "confusion": matrix.tolist(),
    }
