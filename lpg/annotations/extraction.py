"""From a dataset's annotations to `boxes.h5`: every photograph is looked at once, so that bad ones are found here."""

import logging
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lpg.annotations.box_checks import (
    box_faults,
    cut_boxes,
    number_faults,
    warn_of_copies,
)
from lpg.annotations.box_readings import refuse_misread, refuse_relative
from lpg.annotations.faults import refuse
from lpg.annotations.image_lists import photographs_folder
from lpg.annotations.looks import digested, look
from lpg.annotations.orientation import settle
from lpg.annotations.reader import open_reader
from lpg.errors import InputError, one_line
from lpg.files.boxes import write_boxes
from lpg.files.moved import moved_or_changed
from lpg.files.ragged import Names
from lpg.files.spool import spooled
from lpg.jobs.job import Job
from lpg.jobs.processes import ahead
from lpg.photograph import Photograph

log = logging.getLogger(__name__)

NO_BOX = "no box of a kept class"


@dataclass(frozen=True)
class Permissions:
    """What a dataset may do without a refusal.

    Attributes:
        skip_unreadable: go on without photographs and masks that cannot be read, and list them.
        clip_boxes: cut boxes that leave their photograph, and drop those of no area, with a warning.
        follow_links: read photographs that are, or lie behind, links that lead out of the dataset's folder.
    """

    skip_unreadable: bool = False
    clip_boxes: bool = False
    follow_links: bool = False

    def cover(self, fault: InputError) -> bool:
        """Whether one may go on without what is at fault: nobody may without what all photographs need."""
        return fault.permission is not None and getattr(self, fault.permission)


def extract_boxes(settings: dict, *, dataset: str, allow: Permissions, job: Job) -> None:
    """Read the boxes of a dataset, check every photograph, and write `boxes.h5`.

    Arguments:
        settings: of the dataset, see `open_reader`; `fraction` keeps a random part of its photographs.
        dataset: its name.

    Raises:
        InputError: a photograph is unreadable or of another size than its annotation states, a box is outside its
            photograph or of no area (unless allowed), no box is left.
    """
    where, folder = f"datasets.{dataset}", Path(job.path).parent
    reader = open_reader(settings, where)
    names = choose_fraction(_once_each(reader.names(), dataset), settings.get("fraction", 1.0), job.seed)
    home = None if allow.follow_links else photographs_folder(settings)
    digests, choice = Names(), _Choice(reader.class_names)
    looks = digested(ahead(look, ((reader, name, home) for name in names), job.processes), digests)
    with ExitStack() as stack:
        seen = stack.enter_context(spooled(looks, folder))
        answers = stack.enter_context(spooled(settle(seen, settings.get("orientation"), where, allow.cover), folder))
        refuse_relative(_photographs(answers), where)
        most_leave = refuse_misread(_photographs(answers), where, settings["format"], reader.form)
        _refuse(answers, reader.class_names, allow, where, cutting=not most_leave)
        photographs = stack.enter_context(spooled(choice.made(names, answers), folder))
        _say(photographs, choice.skipped, where)
        stack.enter_context(moved_or_changed(job.path))
        write_boxes(
            photographs,
            reader.class_names,
            path=job.path,
            dataset=dataset,
            digests=Names(digests[position] for position in choice.kept),
            skipped=choice.skipped,
            provenance=job.provenance,
        )


def choose_fraction(names: Sequence[str], fraction: float, seed: int) -> Sequence[str]:
    """A random fraction of the names, in their order; a larger fraction of the same seed contains a smaller one."""
    count = max(1, round(fraction * len(names)))
    if count >= len(names):
        return names
    order = np.random.default_rng(seed).permutation(len(names))
    return [names[index] for index in np.sort(order[:count]).tolist()]


def _once_each(names: Sequence[str], dataset: str) -> Sequence[str]:
    if (names if isinstance(names, Names) else Names(names)).repeated():
        where = f"datasets.{dataset}"
        faults = [
            InputError(
                f"{where}: {count} photographs are called '{name}' (a name has no ending)",
                "each must be named once: take the others off the list, or rename one",
            )
            for name, count in Counter(names).most_common()
            if count > 1
        ]
        refuse(faults, where)
    return names


def _refuse(
    answers: Sequence[Photograph | InputError],
    class_names: Sequence[str],
    allow: Permissions,
    where: str,
    cutting: bool,
) -> None:
    """Refuse everything that is not allowed, together; `cutting` says whether to cut boxes may be what is wanted."""
    problems = [answer for answer in answers if isinstance(answer, InputError)]
    faults = [problem for problem in problems if not allow.cover(problem)]
    faults += [fault for one in _photographs(answers) for fault in number_faults(one)]
    if not allow.clip_boxes:
        found = (box_faults(one, class_names, cutting=cutting) for one in _photographs(answers))
        faults += [fault for several in found for fault in several]
    refuse(faults, where)
    for problem in problems:
        log.warning("skipped: %s", problem)


def _photographs(answers: Iterable[Photograph | InputError]) -> Iterator[Photograph]:
    return (answer for answer in answers if isinstance(answer, Photograph))


class _Choice:
    """The photographs that have a box, as they are made.

    Attributes:
        kept: their positions among all.
        skipped: names of the others, each with the reason.
    """

    def __init__(self, class_names: Sequence[str]) -> None:
        self._class_names = class_names
        self.kept, self.skipped = array("q"), []

    def made(self, names: Sequence[str], answers: Iterable[Photograph | InputError]) -> Iterator[Photograph]:
        """The photographs that have a box, with boxes cut to them; the others are noted as skipped."""
        for position, (name, answer) in enumerate(zip(names, answers, strict=True)):
            photograph = answer if isinstance(answer, InputError) else cut_boxes(answer, self._class_names)
            if isinstance(photograph, Photograph) and len(photograph.boxes):
                self.kept.append(position)
                yield photograph
            else:
                self.skipped.append((one_line(name), str(answer) if isinstance(answer, InputError) else NO_BOX))


def _say(photographs: Sequence[Photograph], skipped: Sequence[tuple[str, str]], where: str) -> None:
    without = sum(reason == NO_BOX for _, reason in skipped)
    unread = len(skipped) - without
    if not photographs:
        raise InputError(
            f"{where}: no photograph has a box of a kept class"
            + (f", and {unread} of {len(skipped)} cannot be read" if unread else ""),
            f"look {'at those that are skipped above, ' if unread else ''}at classes and at split",
        )
    warn_of_copies(photographs, where)
    log.info("%d photographs with %d boxes", len(photographs), sum(len(one.boxes) for one in photographs))
    log.info("%d photographs without a box left out, %d unreadable skipped", without, unread)
