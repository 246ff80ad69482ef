"""The paper's Fig. 3 for any run: photographs, boxes, pseudo masks of every stage, segmentation, ground truth."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from skimage.segmentation import find_boundaries

from lpg.classes import VOID
from lpg.evaluation.plots import save_figure
from lpg.files.boxes import BoxTable, merged_classes
from lpg.files.label_maps import LabelMaps
from lpg.photograph import Photograph
from lpg.pixels.pictures import read_photograph, voc_palette


def overlay(photograph: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Class colours and white outlines over a greyed photograph, uint8 (H, W, 3); void is white."""
    colours = voc_palette()
    colours[VOID] = 255
    grey = photograph.mean(axis=2, keepdims=True).repeat(3, axis=2)
    painted = np.where((labels > 0)[..., None], 0.35 * grey + 0.65 * colours[labels], grey)
    painted[find_boundaries(labels, mode="thick")] = 255  # some of VOC's colours are greys
    return painted.astype(np.uint8)


def draw_gallery(
    *,
    boxes: str | Path,
    truth: Sequence[str | Path],
    pseudo_masks: Sequence[str | Path],
    segmentations: Sequence[str | Path],
    refined: bool,
    images: int,
    seed: int,
    path: str | Path,
) -> None:
    """One row per photograph; the photographs are drawn at random by `seed` and are the same for every stage.

    Arguments:
        boxes, truth: `boxes.h5` of the dataset that is looked at, and its `masks.h5` if there is one.
        pseudo_masks: labels^1 to labels^k on it.
        segmentations: of f^k on it; may be empty.
        refined: whether the pseudo masks are those after a dense CRF; their titles say so.
    """
    table = BoxTable([boxes], merged_classes([boxes, *pseudo_masks, *segmentations, *truth]))
    kind = "mask after CRF" if refined else "pseudo mask"
    columns = {f"{kind}, stage {stage}": LabelMaps([file], table.classes)
               for stage, file in enumerate(pseudo_masks, start=1)}  # fmt: skip
    if segmentations:
        columns["segmenter"] = LabelMaps(segmentations, table.classes)
    if truth:
        columns["ground truth"] = LabelMaps(truth, table.classes)
    chosen = np.random.default_rng(seed).permutation(len(table))[:images]
    figure, axes = plt.subplots(
        len(chosen), len(columns) + 1, figsize=(2.6 * (len(columns) + 1), 2.1 * len(chosen)), squeeze=False
    )
    for row, index in zip(axes, chosen, strict=True):
        image = table.images[index]
        photograph = read_photograph(image.path, image.upright)
        _draw_boxes(row[0], image, photograph, table.classes)
        for panel, labels in zip(row[1:], columns.values(), strict=True):
            if image.name in labels:
                panel.imshow(overlay(photograph, labels[image.name]))
    for panel, title in zip(axes[0], ["boxes", *columns], strict=True):
        panel.set_title(title, fontsize=9)
    for panel in axes.ravel():
        panel.axis("off")
    figure.tight_layout(pad=0.3)
    save_figure(figure, path)


def _draw_boxes(panel: plt.Axes, image: Photograph, photograph: np.ndarray, classes: Sequence[str]) -> None:
    panel.imshow(photograph)
    palette = voc_palette() / 255
    for (x0, y0, x1, y1), class_id in zip(image.boxes, image.class_ids, strict=True):
        colour = palette[class_id]
        panel.add_patch(plt.Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, edgecolor=colour, linewidth=1.5))
        panel.text(x0, y0, classes[class_id], fontsize=6, color="white", backgroundcolor=colour, va="bottom")
