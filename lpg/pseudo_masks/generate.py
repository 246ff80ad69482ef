"""labels^(k+1): apply a generator to every photograph and fuse its classes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from lpg.files.boxes import BoxTable
from lpg.files.hdf5 import class_table, open_file, stands
from lpg.files.pseudo_masks import write_pseudo_masks
from lpg.generators.interface import Generator, Request, SoftMasks
from lpg.jobs.job import Job
from lpg.jobs.log import track
from lpg.jobs.processes import grouped, in_order
from lpg.photograph import Photograph
from lpg.pixels.fusion import fuse_foreground
from lpg.pseudo_masks.decisions import UNDECIDED, Decisions
from lpg.pseudo_masks.settling import settle
from lpg.pseudo_masks.tally import Tally

ScoresOf = Callable[[Photograph], Mapping[int, np.ndarray]]  # by class id, (H, W)


def generate_pseudo_masks(
    generator: Generator,
    *,
    boxes: Sequence[str | Path],
    predictions: Sequence[str | Path],
    job: Job,
    decisions: Sequence[str | Path] = (),
    rejected: str = "void",
    other_boxes: Sequence[str | Path] = (),
    band: tuple[float, float] | None = None,
) -> None:
    """Write `pseudo_masks.h5` for all photographs of `boxes`.

    Arguments:
        predictions: p^k on the same photographs; empty for a generator that does without.
        decisions: of people, files and folders, about single masks of these photographs.
        rejected: what becomes of a rejected mask, `void` or `boxes`.
        other_boxes: of photographs that the decisions may be about too.
        band: between which values of a soft mask the labels are void, in place of the generator's own band; an object
            is what the generator calls so all the same.
    """
    table = job.part_of(BoxTable(boxes, _classes_of(predictions)))
    if stands(job.path, job.ingredients, table.as_read):
        return
    decided = Decisions.of_boxes(decisions, boxes, rejected, others=other_boxes)
    scores_of = _scores_of(predictions, table.classes, generator.named_score) if predictions else _unscored
    mask_photographs(generator, table, scores_of, job=job, decisions=decided, band=band)


def _classes_of(predictions: Sequence[str | Path]) -> tuple[str, ...] | None:
    """The class table of a segmenter's scores, index = class id; None without any."""
    if not predictions:
        return None
    with open_file(predictions[0]) as file:
        return class_table(file)


def _scores_of(predictions: Sequence[str | Path], classes: Sequence[str], named: bool) -> ScoresOf:
    from lpg.files.predictions import ScoreMaps  # torch is not for those who have none

    return ScoreMaps(predictions, classes, named).of


def _unscored(image: Photograph) -> Mapping[int, np.ndarray]:
    return {}


def mask_photographs(
    generator: Generator,
    table: BoxTable,
    scores_of: ScoresOf = _unscored,
    *,
    job: Job,
    decisions: Decisions = UNDECIDED,
    band: tuple[float, float] | None = None,
    watch: Callable[..., Iterator] = track,
) -> None:
    """Write the pseudo masks of photographs that are at hand, as `generate_pseudo_masks` does.

    Arguments:
        scores_of: the scores of a `Request` about a photograph.
        watch: passes photographs through, and tells how far they are.
    """
    tally = Tally()
    requests = (Request(image, photograph, scores_of(image)) for image, photograph in table.photographs(watch))
    answers = _answers(generator, requests, 1 if generator.network else job.processes)
    edges = band or generator.band

    def masks() -> Iterator[tuple[np.ndarray, np.ndarray, Sequence[np.ndarray]]]:
        for image, soft in zip(table.images, answers, strict=True):
            tally.add(image, soft.boxes, generator.object_from, decisions.entries.get(image.name, ()))
            soft = decisions.decide(image, soft)
            labels = fuse_foreground(image.classes, soft.foreground, image.box_maps(), edges, generator.fusion)
            yield settle(image, labels, soft.boxes, decisions.verdicts(image)), soft.foreground, soft.boxes

    verdicts = [decisions.verdicts(image) for image in table.images] if decisions.entries else ()
    write_pseudo_masks(job.path, table.classes, table.images, masks(), job.provenance, verdicts, generator.object_from)
    tally.tell()


def _answers(generator: Generator, requests: Iterator[Request], processes: int) -> Iterator[SoftMasks]:
    if processes > 1:  # read here: a request that knew all scores would be pickled with them
        whole = ((Request(one.image, one.photograph, dict(one.scores)),) for one in requests)
        yield from in_order(generator.masks_of, whole, processes)
    else:
        for group in grouped(requests, lambda one: one.image.pixels):
            answers = generator(group)
            group.clear()  # before the next photographs are read
            yield from answers
