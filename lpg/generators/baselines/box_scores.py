"""The segmenter's scores as far as the boxes allow them: what the generators of WSSL and BCM start from."""

import numpy as np

from lpg.generators.interface import Request

HALF_LEVEL = 0.5 / 255  # a score of 0 stands for anything below half a grey level


def box_scores(request: Request) -> np.ndarray:
    """p of the background and of the named classes, float32 (1 + classes, H, W).

    0 where a label is impossible, which is a class outside its box map; at least half a grey level everywhere else, so
    that a logarithm is finite.
    """
    image = request.image
    stored = np.stack([request.scores[label] for label in (0, *image.classes)])
    scores = np.maximum(stored / np.float32(255), np.float32(HALF_LEVEL))
    for class_id, score in zip(image.classes, scores[1:], strict=True):
        score *= image.box_map(class_id)
    return scores
