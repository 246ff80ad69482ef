"""How a calibration is fitted, and how far a predicted IoU is from the true one."""

import logging
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import isotonic_regression

from lpg.evaluation.calibration import Calibration
from lpg.evaluation.compared import compared_objects
from lpg.evaluation.quality_features import Features, features_of
from lpg.files.boxes import BoxTable
from lpg.files.pseudo_masks import SoftMaskFile
from lpg.jobs.provenance import content_digest
from lpg.photograph import dataset_of

log = logging.getLogger(__name__)

LEAST = 100  # objects, below which a calibration is guessing
KNOTS = 12  # at most, of at least so many objects each:
OF_A_KNOT = 20
FOLDS = 5
BINS = 10


def calibrate(
    *,
    boxes: Sequence[str | Path],
    truth: Sequence[str | Path],
    masks: Sequence[str | Path],
    path: str | Path,
    generator: str | Path | None = None,
    made_by: dict | None = None,
) -> None:
    """Write the calibration of a generator, from masks of photographs that it has not learned from.

    Where they do not suffice, it predicts nothing, and the log says why.

    Arguments:
        boxes, truth, masks: `boxes.h5`, `masks.h5` and `pseudo_masks.h5` of the same datasets.
        generator: the file of the generator that made the masks, named in the calibration by its digest.
        made_by: what else the calibration says of itself.
    """
    plain = Calibration()
    names, heads, ious, others = _columns(plain, zip(boxes, truth, masks, strict=True))
    if lacking := _lacking(len(heads), others):
        log.warning("%s: masks of this generator have a risk, and no predicted IoU", lacking)
        provenance = {"objects": len(heads), "lacking": lacking, **(made_by or {})}
        Calibration(plain.weights, (), (), provenance).save(path)
        return
    before, after = (expected_error(one, ious) for one in (heads, _across(names, heads, ious)))
    provenance = {
        "generator": f"{Path(generator).name} {content_digest(generator)}" if generator else None,
        "datasets": sorted(set(map(dataset_of, names))),
        "objects": len(heads),
        "photographs": len(set(names)),
        "calibration_error_before": round(before, 4),
        "calibration_error_after": round(after, 4),
        **(made_by or {}),
    }
    Calibration(plain.weights, *fit_knots(heads, ious), provenance).save(path)
    log.info("%d objects: calibration error %.3f before, %.3f after", len(heads), before, after)


def _lacking(objects: int, others: int) -> str:
    """Why nothing can be calibrated; nothing if it can.

    Arguments:
        objects, others: how many can be fitted, and how many cannot.
    """
    if others and not objects:
        return "masks that say yes or no show no doubt that could be calibrated"
    if objects < LEAST:
        return f"{objects} objects with a mask that it has not learned from are too few to calibrate on ({LEAST})"
    return ""


def rated_objects(boxes: str | Path, truth: str | Path, masks: str | Path) -> Iterator[tuple[str, Features, float]]:
    """Photograph, features and true IoU of the mask of every object that has a true one."""
    table, soft = BoxTable([boxes]), SoftMaskFile(masks)
    name, features = "", []
    for one in compared_objects(table, truth, masks):
        image, index, iou = one.image, one.index, one.iou
        if image.name != name:
            name, features = image.name, features_of(image, soft.boxes(image.name), soft.object_from(image.name))
        yield name, features[index], iou


def fit_knots(heads: np.ndarray, ious: np.ndarray) -> tuple[list[float], list[float]]:
    """The means of equal shares of the objects by what the head says of them, and their isotonic IoU.

    Beyond the outermost shares, where there was little to see, lines lead to 0 and to 1.
    """
    shares = shares_of(heads, max(1, min(KNOTS, len(heads) // OF_A_KNOT)))
    means = [ious[share].mean() for share in shares]
    rising = isotonic_regression(means, weights=[len(share) for share in shares]).x
    at = [heads[share].mean() for share in shares]
    return [round(float(head), 4) for head in (0, *at, 1)], [round(float(iou), 4) for iou in (0, *rising, 1)]


def expected_error(predicted: np.ndarray, ious: np.ndarray) -> float:
    """ECE: how far the mean prediction is from the mean IoU, over ten shares of the objects by their prediction."""
    return float(sum(abs((predicted[share] - ious[share]).sum()) for share in shares_of(predicted)) / len(ious))


def shares_of(predicted: np.ndarray, count: int = BINS) -> list[np.ndarray]:
    """The objects in shares, positions, by a prediction: the lowest first, and as many in each.

    But objects of one prediction are all in one share, that of the middle one: whoever listed them says nothing.
    """
    _, group, sizes = np.unique(predicted, return_inverse=True, return_counts=True)
    middles = np.cumsum(sizes) - (sizes + 1) // 2  # in the order of the predictions
    equal = np.array_split(np.arange(len(predicted)), count)
    share = np.repeat(np.arange(count), [len(one) for one in equal])[middles][group]
    return [np.flatnonzero(share == one) for one in np.unique(share)]


def _columns(
    calibration: Calibration, datasets: Iterable[tuple[str | Path, str | Path, str | Path]]
) -> tuple[list[str], np.ndarray, np.ndarray, int]:
    """The photograph, what the head says, and the IoU of every object that is predicted by the knots.

    The number is that of the others: what is empty has a score of 0, and what shows no doubt has none.
    """
    names, heads, ious, others = [], array("d"), array("d"), 0
    for files in datasets:
        for name, features, iou in rated_objects(*files):
            if not (features.doubts and features.area):
                others += 1
                continue
            names.append(name)
            heads.append(calibration.head(features))
            ious.append(iou)
    return names, np.array(heads), np.array(ious), others


def _across(names: Sequence[str], heads: np.ndarray, ious: np.ndarray) -> np.ndarray:
    """The predicted IoU of every object, by knots from the photographs of the other folds."""
    photographs = {name: index % FOLDS for index, name in enumerate(dict.fromkeys(names))}
    fold = np.array([photographs[name] for name in names])
    predicted = np.empty_like(ious)
    for one in range(FOLDS):
        predicted[fold == one] = np.interp(heads[fold == one], *fit_knots(heads[fold != one], ious[fold != one]))
    return predicted
