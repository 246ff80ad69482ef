"""The paper's loops, plainly: a class at a time, float32, photographs padded to 512, everything of everything on disk.

Nothing here is shared with lpg but the networks and their weights.
"""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

CANVAS = 512
LARGEST = 255


def canvas(photograph: np.ndarray, normalisation) -> Tensor:
    """A photograph, uint8 (H, W, 3), normalised and padded, float32 (1, 3, 512, 512)."""
    image = torch.from_numpy(photograph.copy()).permute(2, 0, 1).float() / LARGEST
    mean, deviation = (torch.tensor(part)[:, None, None] for part in (normalisation.mean, normalisation.std))
    height, width = photograph.shape[:2]
    return functional.pad((image - mean) / deviation, (0, CANVAS - width, 0, CANVAS - height))[None]


@torch.no_grad()
def write_logits(segmenter: nn.Module, photograph: np.ndarray, path: Path) -> None:
    """f, and the logits of all classes at the photograph's size."""
    height, width = photograph.shape[:2]
    logits = segmenter(canvas(photograph, segmenter.normalisation))
    whole = functional.interpolate(logits, size=(CANVAS, CANVAS), mode="bilinear")
    np.save(path, whole[0, :, :height, :width].numpy())


@torch.no_grad()
def pseudo_mask(
    generator: nn.Module, photograph: np.ndarray, box_maps: np.ndarray, classes: list[int], logits: Path
) -> np.ndarray:
    """labels of one photograph, uint8 (H, W): g for one class after another, then the overlap rate (III-D)."""
    height, width = photograph.shape[:2]
    scores = torch.from_numpy(np.load(logits)).softmax(dim=0)
    image, masks = canvas(photograph, generator.normalisation), []
    for class_id, box_map in zip(classes, box_maps, strict=True):
        guides = torch.stack([torch.from_numpy(box_map).float(), scores[class_id]])
        guides = functional.pad(guides, (0, CANVAS - width, 0, CANVAS - height))[None]
        answer = functional.interpolate(
            generator(torch.cat([image, guides], dim=1)), size=(CANVAS, CANVAS), mode="bilinear"
        )
        masks.append(answer.argmax(dim=1)[0, :height, :width].numpy().astype(bool) & box_map)
    return fused(np.stack(masks), classes)


def fused(masks: np.ndarray, classes: list[int]) -> np.ndarray:
    """What two classes claim goes to the one whose overlap is the larger part of it."""
    shared = masks.sum(axis=0) > 1
    rates = [(mask & shared).sum() / max(mask.sum(), 1) for mask in masks]
    labels = np.zeros(masks.shape[1:], dtype=np.uint8)
    for index in np.argsort(rates, kind="stable"):  # the highest rate is painted last
        labels[masks[index]] = classes[index]
    return labels


def confusion_matrix(truth: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """The masked bincount that everybody has."""
    valid = truth != 255
    pairs = truth[valid].astype(np.int64) * classes + labels[valid]
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def update(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """The end of a training step."""
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
