"""The loss of the E step: cross-entropy (Eq. 6) and, beside it, a soft IoU inside the box maps."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from lpg.classes import VOID
from lpg.generators.learned.pairs import network_input
from lpg.generators.learned.recipe import GeneratorRecipe
from lpg.training.task import Task, Term


class GeneratorTask(Task):
    """Cross-entropy (Eq. 6) and, beside it, one minus the soft IoU of every sample inside its box map.

    A batch is inputs float32 (N, 5, H, W) and targets int64 (N, h, w), 255 void. The soft IoU (Rahman and Wang, ISVC
    2016) counts every object alike, however small, and is what the masks are scored by.

    Arguments:
        outside_weight: the cross-entropy of a pixel outside the box map; 1 is the paper's plain mean.
        iou_weight: of the soft IoU; 0 is the paper's loss.
    """

    def __init__(self, network: nn.Module, outside_weight: float, iou_weight: float = 0.0) -> None:
        super().__init__(network)
        self.outside_weight, self.iou_weight = outside_weight, iou_weight

    @classmethod
    def of(cls, network: nn.Module, recipe: GeneratorRecipe) -> "GeneratorTask":
        return cls(network, recipe.outside_weight, recipe.iou_weight)

    def prepare(self, channels: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        return network_input(channels, self.network.normalisation), targets.long()

    def terms(self, inputs: Tensor, targets: Tensor) -> list[Term]:
        """The cross-entropy and, unless its weight is 0, the soft IoU.

        Arguments:
            inputs: float32 (N, 5, H, W), as `network_input` gives them.
            targets: int64 (N, h, w), 1 on the object, void 255.
        """
        logits = self.network(inputs).float()
        logits = functional.interpolate(logits, size=targets.shape[-2:], mode="bilinear")
        inside = functional.interpolate(inputs[:, 3:4], size=targets.shape[-2:], mode="nearest-exact")[:, 0] > 0.5
        known = targets != VOID
        loss = functional.cross_entropy(logits, targets, ignore_index=VOID, reduction="none")
        weights = torch.where(inside, 1.0, self.outside_weight) * known
        terms = [Term((loss * weights).sum(), weights.sum())]
        if self.iou_weight:
            ious = soft_ious(logits.softmax(dim=1)[:, 1], targets == 1, inside & known)
            terms.append(Term(ious.sum(), torch.ones_like(ious).sum(), self.iou_weight, complement=True))
        return terms


def soft_ious(scores: Tensor, objects: Tensor, where: Tensor) -> Tensor:
    """The soft IoU of every sample, Σ s·o / Σ (s + o - s·o), one pixel added to both sums: float32 (N,).

    Arguments:
        scores: float32 (N, h, w) in [0, 1].
        objects, where: bool (N, h, w); pixels that are not `where` do not count.
    """
    both = (scores * objects * where).sum(dim=(1, 2))
    either = ((scores + objects * (1 - scores)) * where).sum(dim=(1, 2))
    return (both + 1) / (either + 1)
