"""How good masks are where no ground truth is: every one rated, so that a person may look at the worst first."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from lpg.errors import InputError
from lpg.evaluation.calibration import Calibration
from lpg.evaluation.quality_features import Features, features_of
from lpg.evaluation.quality_head import logit_of, probability
from lpg.evaluation.quality_table import Quality, write_quality
from lpg.files.boxes import BoxTable
from lpg.files.pseudo_masks import ACCEPTED, HALF, OPEN, REJECTED, SoftMaskFile
from lpg.jobs.log import track
from lpg.photograph import Photograph
from lpg.pixels.shapes import mask_iou
from lpg.pixels.soft_masks import as_soft

log = logging.getLogger(__name__)

Files = str | Path | Sequence[str | Path]
RISKY = 0.5  # a risk from which on a mask is worth a look; the log counts them


def rate(
    image: Photograph,
    masks: Sequence[np.ndarray],
    class_names: Sequence[str] | Mapping[int, str],
    *,
    previous: Sequence[np.ndarray] | None = None,
    second: Sequence[np.ndarray] | None = None,
    calibration: Calibration | None = None,
    object_from: int = HALF,
    verdicts: Sequence[int] = (),
) -> list[Quality]:
    """The quality of every mask of a photograph.

    Arguments:
        masks: of every box the soft mask inside its pixels, uint8 (h, w), 255 for 1; or its object, bool (h, w).
        class_names: by class id, as the class table of `image`, background first.
        previous, second: the masks of the stage before, and those of another generator: their objects, bool (h, w), or
            in the same form, of which one half and more is object.
        object_from: the least value of `masks` that is object.
        verdicts: of every box what people decided, as of `SoftMaskFile.verdicts`; nothing by default. What they have
            accepted is right: it has no risk.

    Raises:
        InputError: there are not as many masks as boxes, or one is of another shape or type.
    """
    masks, known = _soft(image, masks), calibration or Calibration()
    verdicts, keys = list(verdicts) or [OPEN] * len(masks), list(image.object_ids) or range(len(masks))
    rated = []
    for box, features in enumerate(features_of(image, masks, object_from)):
        agreement, change = (_agreement(masks[box] >= object_from, others, box) for others in (second, previous))
        confirmed = verdicts[box] == ACCEPTED and features.area > 0
        likely = 1.0 if confirmed else probability(logit_of(features, agreement, change, known.weights))
        rated.append(
            Quality(
                image=image.name,
                box=box,
                object_id=keys[box],
                class_name=class_names[image.class_ids[box]],
                score=_score(features, confirmed, calibration),
                risk=1 - likely,
                area=features.area,
                filling=features.filling,
                tightness=features.tightness,
                components=features.components,
                holes=features.holes,
                agreement=agreement,
                change=change,
                note=_note(features, verdicts[box]),
            )
        )
    return rated


def _soft(image: Photograph, masks: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The soft masks of a photograph's boxes, uint8 (h, w), 255 for 1; masks that are not of the boxes are refused."""
    places = image.inside
    if len(masks) != len(places):
        raise InputError(f"{image.name} has {len(places)} boxes, and there are {len(masks)} masks", "give one of each")
    for box, (mask, place) in enumerate(zip(masks, places, strict=True)):
        shape = tuple(int(side.stop - side.start) for side in place)
        if mask.shape != shape or mask.dtype not in (np.uint8, bool):
            raise InputError(
                f"the mask of box {box} of {image.name} is {mask.dtype} {mask.shape}",
                f"give its pixels alone, uint8 {shape}, 255 for 1, or bool",
            )
    return list(map(as_soft, masks))


def rate_masks(
    *,
    boxes: str | Path,
    pseudo_masks: Files,
    path: str | Path,
    previous: Files | None = None,
    second: Files | None = None,
    calibration: str | Path | None = None,
) -> None:
    """Write `quality.tsv`: a row for every box of `boxes.h5`, in its order.

    Arguments:
        boxes, pseudo_masks: `boxes.h5` and the `pseudo_masks.h5` of its photographs, one or several.
        previous: the `pseudo_masks.h5` of the stage before.
        second: one of another generator: what its masks agree with is likelier right.
        calibration: of the generator.

    Raises:
        InputError: a file is missing or is not what it should be.
    """
    table = BoxTable([boxes])
    soft, before, other = (
        SoftMaskFile(file) if file is not None else None for file in (pseudo_masks, previous, second)
    )
    known = Calibration.load(calibration) if calibration else None
    rated = (
        quality
        for image in track(table.images, "photographs")
        for quality in rate(
            image,
            soft.of(image),
            table.classes,
            previous=_objects(before, image),
            second=_objects(other, image),
            calibration=known,
            object_from=soft.object_from(image.name),
            verdicts=soft.verdicts(image.name),
        )
    )
    write_quality(path, _counted(rated))


def _objects(file: SoftMaskFile | None, image: Photograph) -> list[np.ndarray] | None:
    """The objects of a photograph's boxes, bool (h, w); None without a file."""
    return None if file is None else [mask >= file.object_from(image.name) for mask in file.of(image)]


def _counted(rated: Iterable[Quality]) -> Iterator[Quality]:
    masks = risky = 0
    for quality in rated:
        masks, risky = masks + 1, risky + (quality.risk > RISKY)
        yield quality
    log.info("%d of %d masks are likely to have an IoU below one half", risky, masks)


def _agreement(mask: np.ndarray, others: Sequence[np.ndarray] | None, box: int) -> float | None:
    if others is None:
        return None
    other = others[box]
    return mask_iou(mask, other if other.dtype == bool else other >= HALF)


def _score(features: Features, confirmed: bool, calibration: Calibration | None) -> float | None:
    """The predicted IoU; None where nothing is predicted."""
    if calibration is None or not calibration.predicts:
        return None
    return 1.0 if confirmed else calibration.score(features)


def _note(features: Features, verdict: int) -> str:
    if verdict == REJECTED:
        return "rejected"
    if not features.area:
        return "empty"
    return "accepted" if verdict == ACCEPTED else "fills" if features.filling == 1 else ""
