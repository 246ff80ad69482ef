"""Auxiliary and target classes must be disjoint, or a comparison is not what it says; scored ones must be learned."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path

from lpg.boxes import merged_classes
from lpg.classes import BACKGROUND, canonical
from lpg.errors import InputError
from lpg.storage import replace_atomically

log = logging.getLogger(__name__)


def _learned_from(generators: Sequence[str | Path]) -> list[str]:
    if not generators:
        return []
    from lpg.networks.checkpoint import load_checkpoint  # torch is not for runs without a file

    return [name for path in generators for name in load_checkpoint(path, kind="generator").classes]


def check_classes(
    *,
    run: str,
    boxes: Sequence[str | Path],
    auxiliary: Sequence[str | Path],
    generator: Sequence[str | Path],
    evaluated: Sequence[str | Path],
    allowed: Sequence[str],
    path: str | Path,
) -> None:
    """Write the class table of a run; refuse classes that its generator has seen, and scored ones that it never sees.

    Arguments:
        boxes: of the run's datasets.
        auxiliary: of the datasets that the borrowed generator learned from; empty if it is not borrowed.
        generator: the finished one that the run takes from a file, if it does.
        evaluated: of the datasets that the run is scored on.
        allowed: classes that may be in both, auxiliary and target.
    """
    table = merged_classes(boxes)
    seen = {canonical(name) for name in [*merged_classes(auxiliary), *_learned_from(generator)]}
    excused = {canonical(name) for name in [*allowed, BACKGROUND]}
    shared = [name for name in table if canonical(name) in seen - excused]
    if shared:
        raise InputError(
            f"runs.{run}: auxiliary and target share the classes {', '.join(shared)}; "
            "exclude them from one of the datasets, or name them in allow_shared_classes"
        )
    learned = {canonical(name) for name in table}
    unknown = [name for name in merged_classes(evaluated) if canonical(name) not in learned]
    if unknown:
        raise InputError(
            f"runs.{run}.evaluate: the run learns {', '.join(table[1:])}, and the datasets that it is scored on have "
            f"{', '.join(unknown)} too; exclude those classes there, or add them to the run's datasets"
        )
    if len(table) == 2:
        log.warning("only one class, '%s': the segmenter tells it from the background", table[1])
    with replace_atomically(path) as partial:
        partial.write_text(json.dumps(list(table), indent=1) + "\n")
