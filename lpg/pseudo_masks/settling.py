"""Label maps that people have the last word on: what they accepted stays, whatever fused or refined the rest."""

from collections.abc import Sequence

import numpy as np

from lpg.classes import VOID
from lpg.files.pseudo_masks import ACCEPTED, REJECTED
from lpg.photograph import Photograph


def settle(image: Photograph, labels: np.ndarray, masks: Sequence[np.ndarray], verdicts: Sequence[int]) -> np.ndarray:
    """The label map of a photograph, uint8 (H, W), in which accepted masks are as they were accepted.

    No other class lies over them; where two of them meet, it stays as it was fused. What nobody claims in the box of a
    rejected mask is void.

    Arguments:
        masks: of every box the soft mask inside its pixels, uint8 (h, w).
        verdicts: of every box what people decided, as of `SoftMaskFile.verdicts`.
    """
    if not any(verdicts):
        return labels
    settled, fused = labels.copy(), np.zeros(labels.shape, dtype=bool)
    claims = [(image.class_ids[index], image.laid(index, masks[index] > 127)) for index in _with(verdicts, ACCEPTED)]
    for class_id, mask in claims:
        fused |= mask & (labels == class_id)
    for class_id, mask in sorted(claims, key=lambda claim: -np.count_nonzero(claim[1])):
        settled[mask & ~fused] = class_id
    for index in _with(verdicts, REJECTED):
        box = settled[image.inside[index]]
        box[box == 0] = VOID
    return settled


def _with(verdicts: Sequence[int], wanted: int) -> list[int]:
    return [index for index, verdict in enumerate(verdicts) if verdict == wanted]
