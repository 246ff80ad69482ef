"""`python -m benchmarks.graphs BOXES CHECKPOINT`: the lines of docs/onnx.md beside lpg, in float32 and in bfloat16.

BOXES is a dataset's `boxes.h5`, CHECKPOINT a generator of `view: box`, by its name or its file, or a `segmenter.pt`.
"""

import argparse
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from lpg.files.boxes import BoxTable
from lpg.files.predictions import ScoreMaps
from lpg.generators.interface import Request
from lpg.generators.learned.apply import LearnedGenerator
from lpg.generators.shipped import generator_path
from lpg.graphs.export import export_onnx
from lpg.networks import inference
from lpg.photograph import Photograph
from lpg.segmenter.apply import Segmenter
from lpg.segmenter.segmentation import label_map

PAGE = Path(__file__).parents[1] / "docs" / "onnx.md"


@dataclass(frozen=True)
class Compared:
    """Labels of one photograph, or the mask of one box.

    Attributes:
        same: the pixels that agree.
        inside: those of the box.
        ours, page: CPU seconds of lpg and of the page's lines.
    """

    same: np.ndarray
    inside: np.ndarray
    ours: float
    page: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.graphs", description=__doc__)
    parser.add_argument("boxes")
    parser.add_argument("checkpoint")
    parser.add_argument("--predictions", help="what to show a generator that reads scores")
    parser.add_argument("--photographs", type=int, default=20)
    given = parser.parse_args()
    torch.set_num_threads(1)
    table, checkpoint = BoxTable([given.boxes]), generator_path(given.checkpoint)
    maps = given.predictions and scores_for(checkpoint, given.predictions, table)
    chosen = list(table.images)[:: max(1, len(table) // given.photographs)][: given.photographs]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.onnx"
        kind = export_onnx(checkpoint, path).kind
        for half in (False, True):
            inference.has_bfloat16 = lambda device, half=half: half
            both = (
                of_boxes(path, checkpoint, chosen, maps) if kind == "generator" else of_labels(path, checkpoint, chosen)
            )
            report("bfloat16" if half else "float32", list(both))


def scores_for(checkpoint: str | Path, predictions: str, table: BoxTable) -> ScoreMaps:
    """In the form that the generator wants."""
    return ScoreMaps([predictions], table.classes, LearnedGenerator.load(checkpoint).named_score)


def page_function(name: str, path: Path) -> Callable[..., np.ndarray]:
    """The function of this name in the page's lines, with this file."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (lines,) = (block for block in blocks if f"def {name}" in block)
    names: dict = {}
    exec(re.sub(r'"\w+\.onnx"', repr(str(path)), lines), names)
    return names[name]


def of_boxes(path: Path, checkpoint: Path, images: Sequence[Photograph], maps: ScoreMaps | None) -> Iterator[Compared]:
    mask_of_box = page_function("mask_of_box", path)
    generator = LearnedGenerator.load(checkpoint, apply={"score_weight": 0.0})
    for image in images:
        photograph, scores = image.read(), maps.of(image) if maps else {}
        for box, class_id, inside in zip(image.boxes, image.class_ids, image.inside, strict=True):
            score = scores[class_id] if maps else None
            one = replace(image, boxes=box[None], class_ids=np.array([class_id]))
            request = Request(one, photograph, {int(class_id): score} if maps else {})
            wanted, ours = timed(generator.masks_of, request)
            mask, page = timed(mask_of_box, photograph, box.tolist(), score)
            where = np.zeros(mask.shape, dtype=bool)
            where[inside] = True
            yield Compared(mask == (wanted.foreground[0] > 127), where, ours, page)


def of_labels(path: Path, checkpoint: Path, images: Sequence[Photograph]) -> Iterator[Compared]:
    labels_of, segmenter = page_function("labels_of", path), Segmenter.load(checkpoint)
    for image in images:
        photograph = image.read()
        scores, ours = timed(segmenter.predict, image, photograph)
        wanted, more = timed(label_map, scores, image.height, image.width)
        labels, page = timed(labels_of, photograph)
        yield Compared(labels == wanted, np.ones(wanted.shape, dtype=bool), ours + more, page)


def timed(work: Callable, *arguments) -> tuple:
    """What it gives, and CPU seconds of all threads."""
    started = time.process_time()
    return work(*arguments), time.process_time() - started


def report(arithmetic: str, each: Sequence[Compared]) -> None:
    same = sum(one.same.sum() for one in each) / sum(one.same.size for one in each)
    inside = sum(one.same[one.inside].sum() for one in each) / sum(one.inside.sum() for one in each)
    worst = max(1 - one.same[one.inside].mean() for one in each)
    print(f"lpg in {arithmetic}: {len(each)} compared, {100 * same:.3f} % of the pixels are the same,")
    print(f"inside boxes {100 * inside:.3f} %; in the worst {100 * worst:.2f} % differ")
    ours, page = (1000 * np.median([getattr(one, side) for one in each]) for side in ("ours", "page"))
    print(f"CPU time of each, medians: lpg {ours:.0f} ms, the page's lines {page:.0f} ms")


if __name__ == "__main__":
    main()
