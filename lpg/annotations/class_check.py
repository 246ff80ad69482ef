"""Auxiliary and target classes must be disjoint, or a comparison is not what it says; scored ones must be learned."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lpg.classes import BACKGROUND, canonical
from lpg.errors import InputError
from lpg.files.atomic import replace_atomically
from lpg.files.boxes import merged_classes
from lpg.jobs.job import Job

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Taught:
    """What a run's generator has seen, if it was learned elsewhere.

    Attributes:
        boxes: of the datasets that a borrowed generator learned from.
        checkpoints: finished generators.
        shares: whether it may have learned masks of the run's classes, with a warning: the shipped one for those who
            just want masks, and any other where masks are all that is made.
    """

    boxes: Sequence[str | Path] = ()
    checkpoints: Sequence[str | Path] = ()
    shares: bool = False

    def classes(self) -> list[str]:
        """The names of the classes that the generator has learned from, background first."""
        if not self.checkpoints:
            return list(merged_classes(self.boxes))
        from lpg.files.checkpoint import load_checkpoint  # torch is not for runs without a file

        learned = [name for path in self.checkpoints for name in load_checkpoint(path, kind="generator").classes]
        return [*merged_classes(self.boxes), *learned]


def check_classes(
    run: str,
    *,
    boxes: Sequence[str | Path],
    taught: Taught,
    evaluated: Sequence[str | Path] = (),
    allowed: Sequence[str],
    job: Job,
) -> None:
    """Write the class table of a run; refuse classes that its generator has seen, and scored ones that it never sees.

    Arguments:
        boxes: of the run's datasets.
        taught: what its generator learned from.
        evaluated: of the datasets that the run is scored on.
        allowed: classes that may be in both, auxiliary and target; `all` for any.
    """
    table = merged_classes(boxes)
    seen = {canonical(name) for name in taught.classes()}
    excused = seen if "all" in allowed else {canonical(name) for name in [*allowed, BACKGROUND]}
    shared = [name for name in table if canonical(name) in seen - excused]
    if shared and taught.shares:
        log.warning(
            "the generator has learned masks of %s: scores do not compare with those of one that has not "
            "(generator: {shipped: disjoint})", ", ".join(shared),
        )  # fmt: skip
    elif shared and not taught.boxes:
        raise InputError(
            f"runs.{run}: its generator has learned masks of {', '.join(shared)}",
            "take one that has not, or leave the classes out",
            permission="allow_shared_classes",
        )
    elif shared:
        raise InputError(
            f"runs.{run}: auxiliary and target share the classes {', '.join(shared)}",
            "exclude them from one of the datasets",
            permission="allow_shared_classes",
        )
    learned = {canonical(name) for name in table}
    unknown = [name for name in merged_classes(evaluated) if canonical(name) not in learned]
    if unknown:
        raise InputError(
            f"runs.{run}.evaluate: the run learns {', '.join(table[1:])}, and the datasets that it is scored on have "
            f"{', '.join(unknown)} too",
            "exclude those classes there, or add them to the run's datasets",
        )
    if len(table) == 2:
        log.warning("only one class, '%s': the segmenter tells it from the background", table[1])
    with replace_atomically(job.path) as partial:
        partial.write_text(json.dumps(list(table), indent=1) + "\n")
