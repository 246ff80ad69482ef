"""labels^(k+1): apply a generator to every photograph and fuse its classes.

`pseudo_masks.h5` holds, per photograph: `label_maps` uint8 (H, W); `foreground` uint8 (classes, H, W), the soft masks
the labels came from, their classes in `named/class_id` by `named/offset`; and for generators that see single boxes
`boxes` (one soft mask inside each box, aligned with `boxes/edges` of `boxes.h5`).
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from lpg.boxes import BoxTable
from lpg.fusion import fuse_foreground
from lpg.generators.interface import Generator, Request, SoftMasks
from lpg.generators.registry import open_method, options_of
from lpg.labels import LabelMaps
from lpg.parallel import in_order
from lpg.photographs import write_palette_mask
from lpg.predictions import ScoreMaps
from lpg.progress import track
from lpg.storage import RaggedWriter, class_table, create_file, open_file, write_strings

AT_ONCE = 16  # photographs in memory, whose pairs are batched together


def open_generator(
    checkpoint: str | Path | None, method: dict | None, device: str, settings: dict | None = None
) -> Generator:
    """The trained generator of a checkpoint, or the generic one of `method`: its name and its options.

    Arguments:
        settings: see `lpg.generators.learned.LearnedGenerator`.
    """
    if method:
        return open_method(method["method"], options_of(method)).to(device)
    from lpg.generators.learned import LearnedGenerator  # torch is not for methods that do without

    return LearnedGenerator(checkpoint, device, settings=settings)


def generate_pseudo_masks(
    generator: Generator,
    *,
    boxes: Sequence[str | Path],
    predictions: Sequence[str | Path],
    path: str | Path,
    processes: int = 1,
    provenance: dict | None = None,
) -> None:
    """Write `pseudo_masks.h5` for all photographs of `boxes`.

    Arguments:
        predictions: p^k on the same photographs; empty for a generator that does without.
        processes: among which the photographs are shared; a generator that runs a network takes one.
    """
    with open_file(predictions[0] if predictions else boxes[0]) as file:
        class_names = class_table(file)
    table = BoxTable(boxes, class_names if predictions else None)
    scores = ScoreMaps(predictions, table.classes, generator.relative_score) if predictions else None
    with create_file(path, table.classes, provenance) as file:
        labels, foreground = RaggedWriter(file, "label_maps"), RaggedWriter(file, "foreground", dimensions=3)
        box_masks = RaggedWriter(file, "boxes")
        for image, masks in zip(table.images, _answers(generator, table, scores, processes), strict=True):
            labels.append(fuse_foreground(image.classes, masks.foreground, image.box_maps(), generator.band))
            foreground.append(masks.foreground)
            for mask in masks.boxes:
                box_masks.append(mask)
        for writer in (labels, foreground, box_masks):
            writer.close()
        write_strings(file, "images/name", table.names)
        file["named/offset"] = np.cumsum([0, *(len(image.classes) for image in table.images)], dtype=np.int64)
        file["named/class_id"] = np.concatenate([image.classes for image in table.images]).astype(np.uint8)


def _answers(generator: Generator, table: BoxTable, scores: ScoreMaps | None, processes: int) -> Iterator[SoftMasks]:
    requests = (
        Request(image, photograph, scores.of(image) if scores else {}) for image, photograph in table.photographs()
    )
    if processes > 1:
        yield from in_order(generator.masks_of, ((request,) for request in requests), processes)
    else:
        while group := list(islice(requests, AT_ONCE)):
            yield from generator(group)


def export_pseudo_masks(*, pseudo_masks: Sequence[str | Path], folder: str | Path) -> None:
    """Write every label map as a PNG in VOC's colours, `<folder>/<dataset>/<name>.png`."""
    with open_file(pseudo_masks[0]) as file:
        labels = LabelMaps(pseudo_masks, class_table(file))
    for name in track(labels.names, "masks"):
        write_palette_mask(Path(folder, f"{name}.png"), labels[name])
