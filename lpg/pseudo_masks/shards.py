"""The pseudo masks of a dataset in files of some photographs each: a kill costs one of them at most."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from lpg.errors import InputError
from lpg.files.boxes import BoxTable
from lpg.files.hdf5 import open_file, read_strings
from lpg.generators.interface import Generator
from lpg.jobs.job import Job
from lpg.jobs.provenance import text_digest
from lpg.photograph import Photograph
from lpg.pseudo_masks.decisions import Decisions
from lpg.pseudo_masks.generate import generate_pseudo_masks

SHARD = 64  # photographs
MADE_BY, MADE_OF = "made_by", "made_of"  # attributes: the generator; the digest of photographs and boxes


def make_shards(
    generator: Callable[[], Generator],
    made_by: str,
    *,
    boxes: str | Path,
    job: Job,
    watch: Callable[..., Iterator],
    decisions: Sequence[str | Path] = (),
    rejected: str = "void",
) -> list[Path]:
    """Write `<job.path>/00000.h5` and so on, each a `pseudo_masks.h5`; those that are made of the same stay.

    Arguments:
        generator: opens it; not called if nothing is left to do.
        made_by: what tells it from every other one.
        watch: passes photographs through, and tells how far they are; `total` is how many there are in all.
        decisions, rejected: files, and what becomes of a rejected mask, as of `Decisions.load`; they make only those
            anew whose boxes they are about.

    Raises:
        InputError: the folder holds the masks of another generator.
    """
    table, opened, paths = BoxTable([boxes]), None, []
    images = table.images
    watch = partial(watch, total=len(images))
    with open_file(boxes, "images/digest") as file:
        digests = read_strings(file, "images/digest")
    everything = Decisions.load(decisions, images, table.classes, rejected)
    for start in range(0, len(images), SHARD):
        part = slice(start, start + SHARD)
        paths.append(Path(job.path, f"{start // SHARD:05}.h5"))
        decided = everything.about(images[part])
        made_of = _digest(images[part], digests[part], decided)
        if _is_made(paths[-1], made_by, made_of):
            list(watch(images[part], "photographs"))
            continue
        opened = opened or generator()
        own = replace(job, path=paths[-1], provenance=job.provenance | {MADE_BY: made_by, MADE_OF: made_of})
        generate_pseudo_masks(
            opened,
            boxes=[boxes],
            predictions=[],
            job=own,
            part=part,
            watch=watch,
            decisions=decided,
        )
    return paths


def _digest(images: list[Photograph], digests: list[str], decided: Decisions) -> str:
    boxes = [(image.name, image.boxes.tolist(), image.class_ids.tolist(), image.object_ids) for image in images]
    return text_digest(*map(str, boxes), *digests, *([str(decided)] if decided.entries else []))


def _is_made(path: Path, made_by: str, made_of: str) -> bool:
    if not path.exists():
        return False
    with open_file(path) as file:
        found = file.attrs.get(MADE_BY)
        if found != made_by:
            raise InputError(f"{path.parent} holds masks by {found}, not by {made_by}", "give another folder to write")
        return file.attrs[MADE_OF] == made_of
