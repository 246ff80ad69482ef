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


def generate_pseudo_masks(
    generator: Generator,
    *,
    boxes: Sequence[str | Path],
    predictions: Sequence[str | Path],
    job: Job,
    decisions: Decisions = UNDECIDED,
    band: tuple[float, float] | None = None,
) -> None:
    """Write `pseudo_masks.h5` for all photographs of `boxes`.

    Arguments:
        predictions: p^k on the same photographs; empty for a generator that does without.
        decisions: of people, about single masks of these photographs and of others.
        band: between which values of a soft mask the labels are void, in place of the generator's own band; an object
            is what the generator calls so all the same.
    """
    if not predictions:
        table = job.part_of(BoxTable(boxes))
        if not stands(job.path, job.ingredients, table.as_read):
            mask_photographs(generator, table, job=job, decisions=decisions, band=band)
        return
    from lpg.files.predictions import ScoreMaps  # torch is not for those who have none

    with open_file(predictions[0]) as file:
        class_names = class_table(file)
    table = job.part_of(BoxTable(boxes, class_names))
    if not stands(job.path, job.ingredients, table.as_read):
        scores = ScoreMaps(predictions, class_names, generator.named_score)
        mask_photographs(generator, table, scores.of, job=job, decisions=decisions, band=band)


def mask_photographs(
    generator: Generator,
    table: BoxTable,
    scores_of: Callable[[Photograph], Mapping[int, np.ndarray]] = lambda image: {},
    *,
    job: Job,
    decisions: Decisions = UNDECIDED,
    band: tuple[float, float] | None = None,
    watch: Callable[..., Iterator] = track,
) -> None:
    """As `generate_pseudo_masks`, of photographs that are at hand.

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
