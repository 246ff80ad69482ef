"""From a dataset's annotations to `boxes.h5`: every photograph is looked at once, so that bad ones are found here."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lpg.annotations.reader import Reader, open_reader
from lpg.errors import InputError
from lpg.files.boxes import write_boxes
from lpg.jobs.job import Job
from lpg.jobs.processes import ahead
from lpg.jobs.provenance import file_digest
from lpg.photograph import Photograph
from lpg.pixels.pictures import read_photograph

log = logging.getLogger(__name__)

NO_BOX = "no box of a kept class"


@dataclass(frozen=True)
class Permissions:
    """What a dataset may do without a refusal.

    Attributes:
        skip_unreadable: go on without photographs and masks that cannot be read, and list them.
        clip_boxes: cut boxes that leave their photograph, and drop those of no area, with a warning.
    """

    skip_unreadable: bool = False
    clip_boxes: bool = False


def extract_boxes(settings: dict, *, dataset: str, allow: Permissions, job: Job) -> None:
    """Read the boxes of a dataset, check every photograph, and write `boxes.h5`.

    Arguments:
        settings: of the dataset, see `open_reader`; `fraction` keeps a random part of its photographs.
        dataset: its name.

    Raises:
        InputError: a photograph is unreadable or of another size than its annotation states, a box is outside its
            photograph or of no area (unless allowed), no box is left.
    """
    reader = open_reader(settings, f"datasets.{dataset}")
    names = choose_fraction(_once_each(reader.names(), dataset), settings.get("fraction", 1.0), job.seed)
    kept: list[tuple[Photograph, str]] = []
    skipped: list[tuple[str, str]] = []
    read = ahead(_read, ((reader, name) for name in names), job.processes)
    for name, (photograph, digest, problem) in zip(names, read, strict=True):
        if problem:
            if not allow.skip_unreadable:
                raise problem
            log.warning("skipped: %s", problem)
            skipped.append((name, str(problem)))
            continue
        photograph = check_boxes(photograph, reader.class_names, clip=allow.clip_boxes)
        if len(photograph.boxes):
            kept.append((photograph, digest))
        else:
            skipped.append((name, NO_BOX))
    if not kept:
        raise InputError(f"datasets.{dataset}: no photograph has a box of a kept class", "look at classes and split")
    photographs, digests = zip(*kept, strict=True)
    without = sum(reason == NO_BOX for _, reason in skipped)
    log.info("%d photographs with %d boxes", len(kept), sum(len(photograph.boxes) for photograph in photographs))
    log.info("%d photographs without a box left out, %d unreadable skipped", without, len(skipped) - without)
    write_boxes(
        photographs,
        reader.class_names,
        path=job.path,
        dataset=dataset,
        digests=digests,
        skipped=skipped,
        provenance=job.provenance,
    )


def choose_fraction(names: Sequence[str], fraction: float, seed: int) -> list[str]:
    """A random fraction of the names, in their order; a larger fraction of the same seed contains a smaller one."""
    order = np.random.default_rng(seed).permutation(len(names))
    return [names[index] for index in np.sort(order[: max(1, round(fraction * len(names)))])]


def _once_each(names: Sequence[str], dataset: str) -> Sequence[str]:
    counts = Counter(names)
    if len(counts) < len(names):
        (name, count), *_ = counts.most_common(1)
        raise InputError(
            f"datasets.{dataset}: {count} photographs are called '{name}' (a name has no ending)",
            "each must be named once: take the others off the list, or rename one",
        )
    return names


def _read(reader: Reader, name: str) -> tuple[Photograph | None, str, InputError | None]:
    """The annotation of a photograph, the digest of its bytes, and what is wrong with either."""
    try:
        photograph = reader.record(name)
        _check_size(photograph)
        return photograph, file_digest(photograph.path), None
    except InputError as error:
        return None, "", error


def _check_size(photograph: Photograph) -> None:
    height, width = read_photograph(photograph.path).shape[:2]
    if (height, width) != (photograph.height, photograph.width):
        stated = f"{photograph.source} says {photograph.width}×{photograph.height}"
        raise InputError(
            f"{photograph.path} is {width}×{height} pixels but {stated}",
            "mend the annotation",
            permission="skip_unreadable",
        )


def check_boxes(photograph: Photograph, class_names: Sequence[str], clip: bool) -> Photograph:
    """Refuse boxes that leave their photograph or have no area; with `clip`, cut or drop them with a warning.

    COCO's rounding puts edges a fraction of a pixel outside: less than one pixel is cut without a word.
    """
    height, width = photograph.height, photograph.width
    clipped = np.clip(photograph.boxes, 0, np.array([width, height, width, height], dtype=np.float32))
    empty = ~(clipped[:, 2:] > clipped[:, :2]).all(axis=1)  # so that an edge that is no number counts too
    outside = np.abs(clipped - photograph.boxes).max(axis=1, initial=0) >= 1
    for index in np.flatnonzero(outside | empty):
        box = [round(float(edge), 2) for edge in photograph.boxes[index]]
        problem = InputError(
            f"{photograph.source}: box {index + 1} ({class_names[photograph.class_ids[index] - 1]}, {box}) "
            f"{'has no area inside' if empty[index] else 'leaves'} its photograph of {width}×{height} pixels",
            "mend the annotation",
            permission="clip_boxes",
        )
        if not clip:
            raise problem
        log.warning("%s: %s", "dropped" if empty[index] else "clipped", problem.fault)
    stay = np.flatnonzero(~empty)
    return replace(
        photograph,
        boxes=clipped[stay],
        class_ids=photograph.class_ids[stay],
        object_ids=[photograph.object_ids[index] for index in stay],
    )
