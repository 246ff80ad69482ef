"""How good masks are where no ground truth is: every one rated, so that a person may look at the worst first."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from lpg.evaluation.calibration import Calibration
from lpg.evaluation.quality_features import Features, features_of
from lpg.evaluation.quality_head import logit_of, probability
from lpg.evaluation.quality_table import Quality, write_quality
from lpg.files.boxes import BoxTable
from lpg.files.pseudo_masks import SoftMaskFile
from lpg.jobs.log import track
from lpg.photograph import Photograph
from lpg.pixels.shapes import mask_iou

log = logging.getLogger(__name__)

Files = str | Path | Sequence[str | Path]
RISKY = 0.5  # a risk from which on a mask is worth a look; the log counts them


def rate(
    image: Photograph,
    masks: Sequence[np.ndarray],
    class_names: Sequence[str],
    *,
    previous: Sequence[np.ndarray] | None = None,
    second: Sequence[np.ndarray] | None = None,
    calibration: Calibration | None = None,
) -> list[Quality]:
    """The quality of every mask of a photograph.

    Arguments:
        masks: of every box the soft mask inside its pixels, uint8 (h, w), 255 for 1.
        class_names: the class table of `image`, background first.
        previous, second: the masks of the stage before, and those of another generator, in the same form.
    """
    known = calibration or Calibration()
    rated = []
    for box, features in enumerate(features_of(image, masks)):
        agreement, change = (_agreement(masks[box], others, box) for others in (second, previous))
        rated.append(
            Quality(
                image=image.name,
                box=box,
                object_id=image.object_ids[box],
                class_name=class_names[image.class_ids[box]],
                score=calibration.score(features) if calibration else None,
                risk=1 - probability(logit_of(features, agreement, change, known.weights)),
                area=features.area,
                filling=features.filling,
                tightness=features.tightness,
                components=features.components,
                holes=features.holes,
                agreement=agreement,
                change=change,
                note=_note(features),
            )
        )
    return rated


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
    soft, before, other = (_reader(file) for file in (pseudo_masks, previous, second))
    known = Calibration.load(calibration) if calibration else None
    rated = (
        quality
        for image in track(table.images, "photographs")
        for quality in rate(
            image,
            soft(image),
            table.classes,
            previous=before(image),
            second=other(image),
            calibration=known,
        )
    )
    write_quality(path, _counted(rated))


def _reader(path: Files | None) -> Callable[[Photograph], list[np.ndarray] | None]:
    """The soft masks of a photograph's boxes, from a file; None without a file."""
    return SoftMaskFile(path).of if path is not None else lambda image: None


def _counted(rated: Iterable[Quality]) -> Iterator[Quality]:
    masks = risky = 0
    for quality in rated:
        masks, risky = masks + 1, risky + (quality.risk > RISKY)
        yield quality
    log.info("%d of %d masks are likely to have an IoU below one half", risky, masks)


def _agreement(mask: np.ndarray, others: Sequence[np.ndarray] | None, box: int) -> float | None:
    return None if others is None else mask_iou(mask > 127, others[box] > 127)


def _note(features: Features) -> str:
    return "" if 0 < features.filling < 1 else "fills" if features.area else "empty"
