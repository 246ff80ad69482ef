"""BCM's losses: cross-entropy on the pixels that a class is surest of, and the aim of the attention maps.

BCM does not believe every pixel of a pseudo mask, but it believes how much of its box an object of a class fills on
average. In every step the pixels in the boxes of a class are ranked by the score of the class; those beyond its mean
filling rate take no part in the loss. Its attention maps have a loss of their own.

The logits before the maps have one too, as in the PyTorch code that BCM's authors released. With the masked ones alone,
a class that the classifier is against where it should be lowers its loss by closing its map there, and a closed map
passes no gradient on: such classes vanish.

The boxes of a class are all of their pixels, here and there and in its rate: what a smaller box of another class covers
is in both.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor

from lpg.classes import VOID
from lpg.files.boxes import BoxTable
from lpg.files.label_maps import LabelMaps
from lpg.generators.baselines.bcm.masking import ClassMasking
from lpg.generators.baselines.bcm.planes import pack_boxes, unpack_boxes
from lpg.networks.multiscale import multiscale_logits
from lpg.networks.protocols import SegmenterNetwork
from lpg.photograph import Photograph
from lpg.segmenter.losses import SegmenterTask, cross_entropy, resize_labels
from lpg.segmenter.recipe import SegmenterRecipe
from lpg.training.task import Term

MASKING_WEIGHT = 0.1  # of the attention maps' loss, and
ELSEWHERE = 0.5  # the aim of a class's map outside its boxes, both as in the PyTorch code that BCM's authors released


class BcmTask(SegmenterTask):
    """BCM's task: that of `SegmenterTask` with the filling-rate guided loss, class-wise masking or both.

    The box maps, as `pack_boxes` has them, are the maps of a batch behind the labels.

    Arguments:
        network: with a `ClassMasking` around it, the losses of the logits before the maps and of the maps are added.
        classes: how many there are, background included.
        rates: of every class, float32 (classes,), see `filling_rates`: the filling-rate guided loss, which chooses the
            pixels anew in every step and at every scale. None for the plain cross-entropy.
    """

    def __init__(self, network: SegmenterNetwork, classes: int, rates: Tensor | None = None) -> None:
        super().__init__(network)
        self.rates = rates
        self.maps_of = partial(_maps_of, classes=classes)  # no method: those who make batches need no network

    @classmethod
    def of(cls, network: SegmenterNetwork, recipe: SegmenterRecipe, table: BoxTable, labels: LabelMaps) -> "BcmTask":
        rates = filling_rates(table, labels) if recipe.loss == "filling_rate" else None
        return cls(network, len(table.classes), rates)

    def terms(self, images: Tensor, labels: Tensor, *planes: Tensor) -> list[Term]:
        masking = self.network if isinstance(self.network, ClassMasking) else None
        features = masking.represent(images) if masking else None
        scales = multiscale_logits(self.network, images, features)
        terms = []
        for logits in [*scales, masking.network.classify(features)] if masking else scales:
            wanted = resize_labels(labels, logits)
            if self.rates is not None:
                scores = logits.detach().float().softmax(dim=1)
                wanted = keep_filled(scores, wanted, unpack_boxes(planes, logits)[0], self.rates)
            terms.append(cross_entropy(logits, wanted))
        if masking:
            maps = masking.attend(features)
            terms.append(masking_loss(maps, *unpack_boxes(planes, maps))._replace(weight=MASKING_WEIGHT))
        return terms


def _maps_of(image: Photograph, labels: np.ndarray, classes: int) -> Sequence[np.ndarray]:
    return [labels, *pack_boxes(image, classes)]


def masking_loss(maps: Tensor, boxes: Tensor, known: Tensor) -> Term:
    """The mean squared error of BCM's attention maps in the photographs.

    A class's map aims at 1 in its boxes and at a half elsewhere, the background's at 1 everywhere.

    Arguments:
        maps: float32 (N, classes, h, w) in [0, 1].
        boxes, known: as of `unpack_boxes`, bool (N, classes, h, w) and (N, h, w).
    """
    errors = (maps.float() - torch.where(boxes, 1.0, ELSEWHERE)).square() * known[:, None]
    return Term(errors.sum(), known.sum() * maps.shape[1])


def keep_filled(scores: Tensor, labels: Tensor, boxes: Tensor, rates: Tensor) -> Tensor:
    """The labels without the pixels that a class is least sure of: those become void.

    In every image the pixels in the boxes of a class (and those that it has outside them) are ranked by its score, and
    the class keeps its label on the part of them, `rates[c]`, that ranks highest, on one pixel at least. Equal scores
    stay together. Background and void stay as they are.

    Arguments:
        scores: softmax, float32 (N, classes, h, w).
        labels: int64 (N, h, w).
        boxes: as of `unpack_boxes`, bool (N, classes, h, w).
        rates: float32 (classes,).
    """
    kept = labels.clone()
    for score, label, box, keep in zip(scores, labels, boxes, kept, strict=True):
        for class_id in label.unique().tolist():
            if class_id in (0, VOID):
                continue
            labelled = label == class_id
            ranked = score[class_id][labelled | box[class_id]].sort(descending=True).values
            count = max(round(float(rates[class_id]) * len(ranked)), 1)
            keep[labelled & (score[class_id] < ranked[count - 1])] = VOID
    return kept


def filling_rates(table: BoxTable, labels: LabelMaps) -> Tensor:
    """Per class the mean, over its boxes, of the part of the box that has its label; 1 for a class without a box.

    A box that is void but for other classes, as that of a rejected mask is, says nothing of how much an object fills.

    Returns: float32 (classes,), background first.
    """
    rates: list[list[float]] = [[] for _ in table.classes]
    for image in table.images:
        if image.name in labels:
            label_map = labels[image.name]
            for inside, class_id in zip(image.inside, image.class_ids, strict=True):
                within = label_map[inside]
                if not (within == VOID).any() or np.isin(within, (0, class_id)).any():
                    rates[class_id].append(float((within == class_id).mean()))
    return torch.tensor([np.mean(filled) if filled else 1.0 for filled in rates], dtype=torch.float32)
