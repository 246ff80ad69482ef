"""The loss of the M step: cross-entropy against the labels resized to the logits, at every scale of the network."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor
from torch.nn import functional

from lpg.classes import VOID
from lpg.files.boxes import BoxTable
from lpg.files.label_maps import LabelMaps
from lpg.networks.multiscale import multiscale_logits
from lpg.networks.protocols import SegmenterNetwork
from lpg.photograph import Photograph
from lpg.segmenter.recipe import SegmenterRecipe
from lpg.training.task import Task, Term


class SegmenterTask(Task):
    """Cross-entropy against the labels resized (nearest) to the logits, summed over scales and their fusion.

    A batch is images float32 (N, 3, H, W) and the maps of `maps_of`, int64 (N, H, W) each, 255 void: the labels first.
    """

    @classmethod
    def of(
        cls, network: SegmenterNetwork, recipe: SegmenterRecipe, table: BoxTable, labels: LabelMaps
    ) -> "SegmenterTask":
        """The task of a recipe over the photographs of `table`."""
        return cls(network)

    @staticmethod
    def maps_of(image: Photograph, labels: np.ndarray) -> Sequence[np.ndarray]:
        """The maps that the loss looks at, uint8 (H, W) each, beside the photograph."""
        return [labels]

    def prepare(self, images: Tensor, *maps: Tensor) -> tuple[Tensor, ...]:
        return self.network.normalisation(images), *(part.long() for part in maps)

    def terms(self, images: Tensor, labels: Tensor) -> list[Term]:
        """The cross-entropy at every scale and of their fusion; float32 (N, 3, H, W), int64 (N, H, W)."""
        return [
            cross_entropy(logits, resize_labels(labels, logits)) for logits in multiscale_logits(self.network, images)
        ]


def resize_labels(labels: Tensor, logits: Tensor) -> Tensor:
    """Labels, int64 (N, H, W), at the size of the logits, the nearest pixel."""
    return functional.interpolate(labels[:, None].float(), size=logits.shape[-2:], mode="nearest-exact")[:, 0].long()


def cross_entropy(logits: Tensor, labels: Tensor) -> Term:
    """The cross-entropy, its mean over the pixels that are not void; 0 where all are."""
    loss = functional.cross_entropy(logits.float(), labels, ignore_index=VOID, reduction="sum")
    return Term(loss, (labels != VOID).sum())
