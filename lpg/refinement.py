"""Segmentations and pseudo masks after a dense CRF, in parallel over photographs.

DeepLab's published segmentations are after one (Chen et al., ICLR 2015).
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from lpg.boxes import BoxTable
from lpg.crf import refine, refine_masks
from lpg.labels import write_label_maps
from lpg.parallel import in_order
from lpg.recipes import CRF, CrfSettings
from lpg.storage import Ragged, class_table, open_file, read_strings


def refined_label_maps(
    segmenter, photographs: Iterable[np.ndarray], settings: CrfSettings | None = None, processes: int = 1
) -> Iterator[np.ndarray]:
    """The refined segmentation of every photograph, uint8 (H, W), in order; of one alone, `lpg.crf.refine` gives it.

    Arguments:
        segmenter: an `lpg.segmenter.Segmenter`; it runs in this process.
        photographs: uint8 (H, W, 3) each.
        settings: those published for the segmenter's architecture by default.
    """
    settings = settings or CRF[segmenter.recipe.architecture]
    arguments = ((segmenter.probabilities(pixels).numpy(), pixels, settings) for pixels in photographs)
    yield from in_order(refine, arguments, processes)


def refine_segmentations(
    *,
    segmenter: str | Path,
    boxes: Sequence[str | Path],
    path: str | Path,
    device: str,
    processes: int,
    provenance: dict | None = None,
) -> None:
    """As `lpg.segmenter.segment_images`, after the dense CRF."""
    from lpg.segmenter import Segmenter  # torch is not for pseudo masks

    network = Segmenter(segmenter, device)
    table = BoxTable(boxes, network.checkpoint.classes)
    pixels = (photograph for _, photograph in table.photographs())
    label_maps = refined_label_maps(network, pixels, processes=processes)
    write_label_maps(path, table.classes, table.names, label_maps, provenance)


def refine_pseudo_masks(
    *,
    pseudo_masks: str | Path,
    boxes: Sequence[str | Path],
    path: str | Path,
    processes: int,
    settings: CrfSettings = CRF["resnet101"],
    provenance: dict | None = None,
) -> None:
    """Label maps from the soft masks of `pseudo_masks.h5`, where the CRF and not the overlap rule decides.

    Arguments:
        boxes: of the photographs that are wanted; `pseudo_masks` may hold more.
    """
    with open_file(pseudo_masks, "images/name") as file:
        table = BoxTable(boxes, class_table(file))
        index = {name: position for position, name in enumerate(read_strings(file, "images/name"))}
    foreground = Ragged(pseudo_masks, "foreground")

    def arguments() -> Iterator[tuple]:
        for image, photograph in table.photographs():
            yield foreground[index[image.name]], image.classes, image.box_maps(), photograph, settings

    write_label_maps(path, table.classes, table.names, in_order(refine_masks, arguments(), processes), provenance)
