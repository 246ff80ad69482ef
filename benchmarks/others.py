"""`python -m benchmarks.others RESULTS SEED`: what the soft masks of a photograph's other boxes are worth to a mask.

RESULTS is the folder of a run of config/benchmark.yaml with config/tables/benchmark.yaml over it, seed SEED, in which
`voc-blind-masks` is made. Its third generator, which never sees a score, leans away from what the other boxes' masks
claim; and the third stage is trained again from the same second one, with those masks in the score's channel. mIoU of
the label maps of voc-val, no CRF, without a segmenter but where masks lean on `--scores`.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from torch import Tensor

from benchmarks.learning import TEACHERS
from lpg.evaluation.confusion import confusion_matrix, mean_iou
from lpg.files.boxes import BoxTable
from lpg.files.checkpoint import load_checkpoint
from lpg.files.label_maps import LabelMaps
from lpg.files.predictions import ScoreMaps
from lpg.generators.interface import Request, SoftMasks
from lpg.generators.learned import train
from lpg.generators.learned.apply import DOUBT, LearnedGenerator
from lpg.generators.learned.batches import GeneratorBatches
from lpg.generators.learned.pairs import Pair
from lpg.generators.opening import open_learned
from lpg.jobs.job import Job
from lpg.jobs.machine import choose_machine
from lpg.photograph import Photograph
from lpg.pixels.fusion import fuse_foreground
from lpg.pixels.windows import Window, cut, resize

WEIGHTS = (0.1, 0.25, 0.5)
LEANING = 0.25  # on scores, as in the benchmark
BESIDE = "g3 that learned beside others"
DROPOUT = 0.3  # as that of scores in the benchmark's `box`
Boxes = Sequence[np.ndarray]  # of every box of a photograph the soft mask inside its pixels, uint8 (h, w)


class BesideOthers(GeneratorBatches):
    """The generator's batches, with the other boxes in the score's channel.

    Attributes:
        before: the soft masks of a photograph's boxes from the stage before.
    """

    before: Mapping[str, Boxes]

    def _score(self, pair: Pair, window: Window) -> Tensor:
        whole = torch.from_numpy(unclaimed(pair.image, self.before[pair.image.name], pair.box))[None]
        return resize(cut(whole, window, 255), self.recipe.crop, self.recipe.crop)


def unclaimed(image: Photograph, masks: Boxes, box: int) -> np.ndarray:
    """How little the masks of the boxes but one claim a pixel, uint8 (H, W): 255 where they do not."""
    found = np.full((image.height, image.width), 255, dtype=np.uint8)
    for other, (inside, mask) in enumerate(zip(image.inside, masks, strict=True)):
        if other != box:
            found[inside] = np.minimum(found[inside], 255 - mask)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.others", description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("seed", type=int)
    parser.add_argument("--scores", type=Path, help="predictions of voc-val, for masks that lean on them too")
    given = parser.parse_args()
    stages = {stage: given.results / f"auxiliary-blind/stage{stage}/generator.pt" for stage in (2, 3)}
    learned = given.results / "others.pt"
    if not learned.exists():
        _train(learned, stages, given.results / "datasets", given.seed)
    target = given.results / "datasets/voc-val"
    choose_machine(gpu=0, threads=1)
    images = BoxTable([target / "boxes.h5"]).images
    alone = {stage: _all_masks(open_learned(path, "cpu"), images) for stage, path in stages.items()}
    seeing = open_learned(learned, "cpu", {"score_weight": 0})
    found = {f"g{stage}": masks for stage, masks in alone.items()}
    for weight in WEIGHTS:
        leaning = open_learned(stages[3], "cpu", {"score_weight": weight})
        found[f"g3, leans by {weight} away from those of g3"] = _all_masks(leaning, images, alone[3])
    found[f"{BESIDE}, shown none"] = _all_masks(seeing, images)
    found |= {f"{BESIDE}, shown those of g{stage}": _all_masks(seeing, images, alone[stage]) for stage in alone}
    for what, masks in found.items():
        print(f"{what}: {_miou(target, masks, seeing.fusion):.1f}")
    if given.scores:
        for what in ("g3", f"{BESIDE}, shown those of g3"):
            print(f"{what}, leans on the scores: {_miou(target, found[what], seeing.fusion, given.scores):.1f}")


def _train(path: Path, stages: Mapping[int, Path], datasets: Path, seed: int) -> None:
    """The third stage from the second, as it was, but for what the fifth channel shows."""
    files = {kind: [datasets / name / f"{kind}.h5" for name in TEACHERS] for kind in ("boxes", "masks")}
    machine = choose_machine(gpu=0, threads=1)
    second, images = open_learned(stages[2], "cpu"), BoxTable(files["boxes"]).images
    BesideOthers.before = _all_masks(second, images)
    recipe = dict(load_checkpoint(stages[3], kind="generator").recipe) | {"score_dropout": DROPOUT}
    with patch.object(train, "GeneratorBatches", BesideOthers):
        job = Job(path, machine=machine, seed=seed)
        train.train_generator(recipe, **files, predictions=[], start=stages[2], job=job)


def _all_masks(
    generator: LearnedGenerator, images: Sequence[Photograph], beside: Mapping[str, Boxes] | None = None
) -> dict[str, Boxes]:
    """`_masks` of several photographs, by name."""
    return {image.name: _masks(generator, image, beside and beside[image.name]) for image in images}


def _masks(generator: LearnedGenerator, image: Photograph, beside: Boxes | None = None) -> Boxes:
    """The soft masks of the boxes, each `beside` those of the others where they are given."""
    photograph = image.read()
    if beside is None:
        return generator.masks_of(Request(image, photograph, {})).boxes
    requests = []
    for box, class_id in enumerate(image.class_ids):
        one = replace(image, boxes=image.boxes[[box]], class_ids=image.class_ids[[box]])
        requests.append(Request(one, photograph, {int(class_id): unclaimed(image, beside, box)}))
    return [masks.boxes[0] for masks in generator(requests)]


def _miou(dataset: Path, masks: Mapping[str, Boxes], fusion: str, scores: Path | None = None) -> float:
    """mIoU of the label maps that soft masks are fused to, per cent; with `scores` they lean on those first."""
    table = BoxTable([dataset / "boxes.h5"])
    truth, classes = LabelMaps([dataset / "masks.h5"], table.classes), len(table.classes)
    said = ScoreMaps([scores], table.classes, True) if scores else None
    matrix = np.zeros((classes, classes), dtype=np.int64)
    for image in table.images:
        own = masks[image.name] if said is None else _leaning(image, masks[image.name], said.of(image))
        foreground = SoftMasks.of_boxes(image, own).foreground
        labels = fuse_foreground(image.classes, foreground, image.box_maps(), fusion=fusion)
        matrix += confusion_matrix(truth[image.name], labels, classes)
    return 100 * mean_iou(matrix)


def _leaning(image: Photograph, masks: Boxes, scores: Mapping[int, np.ndarray]) -> Boxes:
    """Soft masks to whose logits a part of the scores' are added, at the photograph's own size."""
    found = []
    for inside, class_id, mask in zip(image.inside, image.class_ids, masks, strict=True):
        soft, score = (torch.from_numpy(one) / 255 for one in (mask, scores[int(class_id)][inside]))
        leaning = (soft.logit(eps=1 / 510) + LEANING * score.logit(eps=DOUBT)).sigmoid()
        found.append((255 * leaning).round().to(torch.uint8).numpy())
    return found


if __name__ == "__main__":
    main()
