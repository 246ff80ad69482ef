"""What the soft masks of a photograph show of their own quality. Nothing here looks at pixels or at a ground truth."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lpg.files.pseudo_masks import HALF
from lpg.photograph import Photograph
from lpg.pixels.shapes import count_components, count_holes, tightness


@dataclass(frozen=True)
class Features:
    """The features of the mask of one box; parts are in [0, 1].

    Attributes:
        area: pixels of the mask.
        filling: in parts of the box.
        surety: the mean of the soft mask over the mask; 1 of a mask that is everywhere sure, and of an empty one.
        doubts: whether any pixel is neither 0 nor 1: a method that says yes or no says nothing of its doubt, nor does
            one of whose soft masks nothing below 1 is object.
        claimed: the part of the mask that masks of other boxes claim too, of whatever class.
        tightness: how near the mask comes to the four sides of its box.
        along: the part of those sides along which the mask lies, the mean of the four.
        components, holes: without specks.
    """

    area: int
    filling: float
    surety: float
    doubts: bool
    claimed: float
    tightness: float
    along: float
    components: int
    holes: int


def features_of(image: Photograph, soft: Sequence[np.ndarray], object_from: int = HALF) -> list[Features]:
    """The features of the mask of every box of a photograph, in the order of the boxes.

    Arguments:
        soft: its soft masks inside their boxes, uint8 (h, w), 255 for 1.
        object_from: the least value of them that is object.
    """
    claims = np.zeros((image.height, image.width), dtype=np.uint16)
    masks = [mask >= object_from for mask in soft]
    for inside, mask in zip(image.inside, masks, strict=True):
        claims[inside] += mask
    return [
        _features(*each, claims[inside], doubtful=object_from < 255)
        for *each, inside in zip(soft, masks, image.inside, strict=True)
    ]


def _features(soft: np.ndarray, mask: np.ndarray, claims: np.ndarray, doubtful: bool) -> Features:
    area = int(np.count_nonzero(mask))
    sides = mask[0], mask[-1], mask[:, 0], mask[:, -1]
    return Features(
        area=area,
        filling=area / mask.size,
        surety=float(soft[mask].mean()) / 255 if area else 1.0,
        doubts=doubtful and bool(((soft > 0) & (soft < 255)).any()),
        claimed=float((claims[mask] > 1).mean()) if area else 0.0,
        tightness=tightness(mask),
        along=float(np.mean([side.mean() for side in sides])),
        components=count_components(mask),
        holes=count_holes(mask),
    )
