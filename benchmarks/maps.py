"""P5, P6: what is done to label maps and to scores, without a network."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch

from benchmarks import plain
from benchmarks.measure import Finding, seconds
from benchmarks.photographs import VOC_CLASSES, write_boxed
from lpg.evaluation.confusion import confusion_matrix
from lpg.photograph import Photograph
from lpg.pixels.crf import LARGEFOV_CRF, refine
from lpg.pixels.windows import resize
from lpg.segmenter.apply import contenders

CLASSES = 1 + VOC_CLASSES
STRIDE = 8
ROUNDS = 50
DOUBT = 1e-3  # of a segmenter in classes that are not there


def findings(folder: Path) -> Iterator[Finding]:
    """The confusion matrix of a photograph, and the dense CRF of its scores."""
    images = write_boxed(folder).table.images
    yield _of_confusion([_labels(image) for image in images])
    yield _of_crf(images)


def _labels(image: Photograph) -> np.ndarray:
    """An ellipse in every box, its outline void as VOC's are; uint8 (H, W)."""
    labels = np.zeros((image.height, image.width), dtype=np.uint8)
    for box, class_id in zip(image.boxes, image.class_ids, strict=True):
        x0, y0, x1, y1 = box.tolist()
        ellipse = ((x0 + x1) / 2, (y0 + y1) / 2), (x1 - x0, y1 - y0), 0
        cv2.ellipse(labels, ellipse, int(class_id), -1)
        cv2.ellipse(labels, ellipse, 255, 5)
    return labels


def _of_confusion(truths: list[np.ndarray]) -> Finding:
    pairs = [
        (truth, np.where(moved == 255, 0, moved)) for truth in truths for moved in [np.roll(truth, (3, 5), (0, 1))]
    ]

    def counted(count):
        return lambda: [count(*pair, CLASSES) for _ in range(ROUNDS) for pair in pairs]

    slow, fast = seconds(counted(plain.confusion_matrix), counted(confusion_matrix))
    same = all((plain.confusion_matrix(*pair, CLASSES) == confusion_matrix(*pair, CLASSES)).all() for pair in pairs)
    each = 1000 / ROUNDS / len(pairs)
    remark = "the same counts" if same else "OTHER COUNTS"
    return Finding("P5 confusion matrix of a photograph", each * fast, each * slow, 3, remark=remark, unit="ms")


def _of_crf(images: Sequence[Photograph]) -> Finding:
    work = [(image, image.read(), _scores(image)) for image in images]

    def all_classes() -> list[np.ndarray]:
        return [
            refine(resize(scores, image.height, image.width).numpy(), photograph, LARGEFOV_CRF)
            for image, photograph, scores in work
        ]

    def those_that_can_win() -> list[np.ndarray]:
        found = []
        for image, photograph, scores in work:
            few = contenders(scores)
            positions = refine(resize(scores[few], image.height, image.width).numpy(), photograph, LARGEFOV_CRF)
            found.append(np.array(few, dtype=np.uint8)[positions])
        return found

    slow, fast = seconds(all_classes, those_that_can_win, rounds=2)
    same = 100 * np.mean(
        [np.mean(one == other) for one, other in zip(all_classes(), those_that_can_win(), strict=True)]
    )
    few = np.mean([len(contenders(scores)) for *_, scores in work])
    remark = f"{few:.1f} of {CLASSES} classes can win; {same:.2f} % of the pixels the same"
    return Finding("P6 dense CRF of a photograph", fast / len(work), slow / len(work), 2.5, remark=remark)


def _scores(image: Photograph) -> torch.Tensor:
    """Those of a segmenter that is nearly sure, float32 (classes, h, w)."""
    labels = torch.from_numpy(_labels(image)).long()
    sure = torch.nn.functional.one_hot(labels.where(labels != 255, 0), CLASSES).permute(2, 0, 1).float()
    coarse = resize(sure, -(-image.height // STRIDE), -(-image.width // STRIDE)) + DOUBT
    return coarse / coarse.sum(dim=0)
