"""The losses: cross-entropy for both networks, soft IoU for the generator, BCM's two for the segmenter.

BCM (Song et al., CVPR 2019) does not believe every pixel of a pseudo mask, but it believes how much of its box an
object of a class fills on average. In every step the pixels in the boxes of a class are ranked by the score of the
class; those beyond its mean filling rate take no part in the loss. Its attention maps have a loss of their own.
"""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from lpg.box_maps import box_slices
from lpg.boxes import BoxTable
from lpg.classes import VOID
from lpg.labels import LabelMaps
from lpg.networks.class_masking import ClassMasking
from lpg.networks.multiscale import multiscale_logits

MASKING_WEIGHT = 0.1  # of the attention maps' loss, and
ELSEWHERE = 0.5  # the aim of a class's map outside its boxes, both as in the PyTorch code that BCM's authors released


class SegmenterLoss:
    """Cross-entropy against the labels resized (nearest) to the logits, summed over scales and their fusion.

    A batch is images float32 (N, 3, H, W) and labels int64 (N, H, W), 255 void; BCM's losses want the painted box maps
    as a third part, like the labels. A network with class-wise masking adds the loss of its maps.

    Arguments:
        rates: of every class, float32 (classes,), see `filling_rates`: the filling-rate guided loss, which chooses the
            pixels anew in every step and at every scale. None for the paper's.
    """

    def __init__(self, rates: Tensor | None = None) -> None:
        self.rates = rates

    def __call__(self, network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        images, labels, *boxes = batch
        features = network.represent(images) if isinstance(network, ClassMasking) else None
        total = images.new_zeros(())
        for logits in multiscale_logits(network, images, features):
            wanted = resize_labels(labels, logits)
            if self.rates is not None:
                scores = logits.detach().float().softmax(dim=1)
                wanted = keep_filled(scores, wanted, resize_labels(boxes[0], logits), self.rates)
            total = total + mean_cross_entropy(logits, wanted)
        if features is not None:
            total = total + MASKING_WEIGHT * masking_loss(network.attend(features), boxes[0])
        return total


def masking_loss(maps: Tensor, boxes: Tensor) -> Tensor:
    """The mean squared error of BCM's attention maps, void left out.

    A class's map aims at 1 in its boxes and at a half elsewhere, the background's at 1 everywhere.

    Arguments:
        maps: float32 (N, classes, h, w) in [0, 1].
        boxes: painted box maps, int64 (N, H, W), 255 void.
    """
    boxes = resize_labels(boxes, maps)
    known = boxes != VOID
    inside = functional.one_hot(boxes * known, maps.shape[1]).movedim(-1, 1).bool()
    inside[:, 0] = True
    errors = (maps.float() - torch.where(inside, 1.0, ELSEWHERE)).square() * known[:, None]
    return errors.sum() / (known.sum() * maps.shape[1]).clamp(min=1)


class GeneratorLoss:
    """Cross-entropy (Eq. 6) and, beside it, one minus the soft IoU of every sample inside its box map.

    A batch is inputs float32 (N, 5, H, W) and targets int64 (N, h, w), 255 void. The soft IoU (Rahman and Wang, ISVC
    2016) counts every object alike, however small, and is what the masks are scored by.

    Arguments:
        outside_weight: the cross-entropy of a pixel outside the box map; 1 is the paper's plain mean.
        iou_weight: of the soft IoU; 0 is the paper's loss.
    """

    def __init__(self, outside_weight: float, iou_weight: float = 0.0) -> None:
        self.outside_weight, self.iou_weight = outside_weight, iou_weight

    def __call__(self, network: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        inputs, targets = batch
        logits = network(inputs.contiguous(memory_format=torch.channels_last)).float()
        logits = functional.interpolate(logits, size=targets.shape[-2:], mode="bilinear")
        inside = functional.interpolate(inputs[:, 3:4], size=targets.shape[-2:], mode="nearest-exact")[:, 0] > 0.5
        known = targets != VOID
        loss = functional.cross_entropy(logits, targets, ignore_index=VOID, reduction="none")
        weights = torch.where(inside, 1.0, self.outside_weight) * known
        loss = (loss * weights).sum() / weights.sum().clamp(min=1)
        if self.iou_weight:
            loss = loss + self.iou_weight * (1 - soft_iou(logits.softmax(dim=1)[:, 1], targets == 1, inside & known))
        return loss


def soft_iou(scores: Tensor, objects: Tensor, where: Tensor) -> Tensor:
    """The mean over samples of Σ s·o / Σ (s + o - s·o), one pixel added to both sums.

    Arguments:
        scores: float32 (N, h, w) in [0, 1].
        objects, where: bool (N, h, w); pixels that are not `where` do not count.
    """
    both = (scores * objects * where).sum(dim=(1, 2))
    either = ((scores + objects * (1 - scores)) * where).sum(dim=(1, 2))
    return ((both + 1) / (either + 1)).mean()


def resize_labels(labels: Tensor, logits: Tensor) -> Tensor:
    """int64 (N, H, W) at the size of the logits, the nearest pixel."""
    return functional.interpolate(labels[:, None].float(), size=logits.shape[-2:], mode="nearest-exact")[:, 0].long()


def mean_cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Over the pixels that are not void; 0 where all are."""
    loss = functional.cross_entropy(logits.float(), labels, ignore_index=VOID, reduction="sum")
    return loss / (labels != VOID).sum().clamp(min=1)


def keep_filled(scores: Tensor, labels: Tensor, boxes: Tensor, rates: Tensor) -> Tensor:
    """The labels without the pixels that a class is least sure of: those become void.

    In every image the pixels in the boxes of a class (and those that it has outside them) are ranked by its score, and
    the class keeps its label on the part of them, `rates[c]`, that ranks highest, on one pixel at least. Equal scores
    stay together. Background and void stay as they are.

    Arguments:
        scores: softmax, float32 (N, classes, h, w).
        labels, boxes: label maps and painted box maps, int64 (N, h, w).
        rates: float32 (classes,).
    """
    kept = labels.clone()
    for score, label, box, keep in zip(scores, labels, boxes, kept, strict=True):
        for class_id in label.unique().tolist():
            if class_id in (0, VOID):
                continue
            labelled = label == class_id
            ranked = score[class_id][labelled | (box == class_id)].sort(descending=True).values
            count = max(round(float(rates[class_id]) * len(ranked)), 1)
            keep[labelled & (score[class_id] < ranked[count - 1])] = VOID
    return kept


def filling_rates(table: BoxTable, labels: LabelMaps) -> Tensor:
    """Per class the mean, over its boxes, of the part of the box that has its label; 1 for a class without a box.

    Returns: float32 (classes,), background first.
    """
    rates: list[list[float]] = [[] for _ in table.classes]
    for image in table.images:
        if image.name in labels:
            label_map = labels[image.name]
            for box, class_id in zip(image.boxes, image.class_ids, strict=True):
                inside = label_map[box_slices(box, image.height, image.width)]
                rates[class_id].append(float((inside == class_id).mean()))
    return torch.tensor([np.mean(filled) if filled else 1.0 for filled in rates], dtype=torch.float32)
