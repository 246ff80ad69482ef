"""WSSL's Bbox-Seg (Papandreou et al., ICCV 2015, section 3.2): a dense CRF between boxes and their centres."""

import math

import numpy as np

from lpg.generators.baselines.joint import disjoint_soft_masks
from lpg.generators.interface import Generator, Request, SoftMasks
from lpg.photograph import Photograph
from lpg.pixels.box_maps import paint_boxes
from lpg.pixels.crf import LARGEFOV_CRF, dense_crf

CENTRE = 0.2  # alpha: the part of a box's area that is its object for certain, cross-validated by WSSL


class DenseCRF(Generator):
    """Bbox-Seg with the CRF of DeepLab-LargeFOV, the network that WSSL trains; WSSL does not print its own settings."""

    def masks_of(self, request: Request) -> SoftMasks:
        prior = box_prior(request.image)
        marginals = dense_crf(prior, request.photograph, LARGEFOV_CRF)
        possible = marginals * (prior > 0)  # what the boxes forbid stays impossible
        return SoftMasks.of_classes(request.image, disjoint_soft_masks(possible)).without_doubt(self.object_from)


def box_prior(image: Photograph, centre: float = CENTRE) -> np.ndarray:
    """What the boxes alone say of the labels of a photograph: the background and the classes that they name.

    Background outside every box, the class of the box at its centre (the smaller box where centres meet), and in
    between uniform over the background and the classes whose boxes hold the pixel.

    Arguments:
        centre: the part of a box's area that is its class for certain.

    Returns: float32 (1 + classes, H, W), 1 in sum over the labels.
    """
    everywhere = np.ones((image.height, image.width), dtype=bool)
    possible = np.stack([everywhere, *image.box_maps()])
    certain = paint_boxes(centres(image.boxes, centre), image.class_ids, image.height, image.width)
    for label, class_id in enumerate([0, *image.classes]):
        possible[label] &= (certain == 0) | (certain == class_id)
    return possible.astype(np.float32) / possible.sum(axis=0, dtype=np.float32)


def centres(boxes: np.ndarray, part: float) -> np.ndarray:
    """Boxes (N, 4; x0 y0 x1 y1) shrunk around their centres to a part of their area, in whole pixels, one at least."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    reach = math.sqrt(part) * (boxes[:, 2:] - boxes[:, :2]) / 2
    first = np.minimum(np.rint(middle - reach), np.floor(middle))
    return np.hstack([first, np.maximum(np.rint(middle + reach), first + 1)])
