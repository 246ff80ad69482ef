"""The pseudo masks of a dataset in files of some photographs each: a kill costs one of them at most."""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from lpg.errors import InputError
from lpg.files.boxes import BoxTable
from lpg.files.hdf5 import open_file, read_strings
from lpg.files.made_by import ASKED
from lpg.generators.interface import Generator
from lpg.jobs.job import Job
from lpg.jobs.provenance import text_digest
from lpg.pseudo_masks.decisions import Decisions
from lpg.pseudo_masks.generate import mask_photographs
from lpg.pseudo_masks.remembered import Remembered

log = logging.getLogger(__name__)

SHARD = 64  # photographs
# Attributes: the generator; the digests of photographs and boxes, and of what people have decided about them.
MADE_BY, MADE_OF, DECIDED = "made_by", "made_of", "decided"


@dataclass(frozen=True)
class Shard:
    """Some photographs of a dataset.

    Attributes:
        path: the file of their masks, whether it is there or not.
        table: these photographs.
        digests: of the bytes of each.
        made_of: the digest of the class table, of these photographs and of their boxes.
    """

    path: Path
    table: BoxTable
    digests: Sequence[str]
    made_of: str


def shards_of(boxes: str | Path, table: BoxTable, folder: str | Path) -> list[Shard]:
    """The shards of a dataset, with their masks in a folder; files of a larger dataset that was there are none.

    Arguments:
        boxes, table: `boxes.h5`, and what is in it.
    """
    with open_file(boxes, "images/digest") as file:
        digests = read_strings(file, "images/digest")
    shards = []
    for number, start in enumerate(range(0, len(table), SHARD)):
        span = slice(start, start + SHARD)
        part, own = table.part(span), digests[span]
        shards.append(Shard(Path(folder, f"{number:05}.h5"), part, own, _digest(part, own)))
    return shards


def finished_shards(boxes: str | Path, folder: str | Path) -> list[Path]:
    """The files of a dataset's masks.

    Raises:
        InputError: some are missing, or are of other photographs or boxes.
    """
    shards = shards_of(boxes, BoxTable([boxes]), folder)
    lacking = sum(_attributes(shard.path).get(MADE_OF) != shard.made_of for shard in shards)
    if lacking:
        raise InputError(
            f"{lacking} of {len(shards)} files of masks in {folder} are missing, or are of other boxes",
            "finish them with the same lpg masks again",
        )
    return [shard.path for shard in shards]


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

    Of the others the generator is asked only about photographs that are new, or whose boxes are.

    Arguments:
        generator: opens it; not called if nothing is left to do.
        made_by: what tells it from every other one.
        watch: passes photographs through, and tells how far they are; `total` is how many there are in all.
        decisions, rejected: files, and what becomes of a rejected mask, as of `Decisions.load`; they make only those
            anew whose boxes they are about.

    Raises:
        InputError: the folder holds the masks of another generator.
    """
    table, opened = BoxTable([boxes]), None
    shards = shards_of(boxes, table, job.path)
    everything = Decisions.load(decisions, table.images, table.classes, rejected)
    made = [_attributes(shard.path) for shard in shards]
    _check_made(made, job.path, made_by, bool(decisions))
    watch = partial(watch, total=len(table))
    kept = {asked: shard.path for shard, found in zip(shards, made, strict=True) for asked in _asked_before(found)}
    for shard, found in zip(shards, made, strict=True):
        decided = everything.about(shard.table.images)
        known = {
            MADE_BY: made_by,
            MADE_OF: shard.made_of,
            DECIDED: text_digest(str(decided)) if decided.entries else "",
        }
        if all(found.get(key) == value for key, value in known.items()):
            list(watch(shard.table.images, "photographs"))
            continue
        opened = opened or generator()
        asked = _asked(shard)
        where = {name: kept[digest] for name, digest in asked.items() if digest in kept}
        answers = ["" if name in decided.entries else digest for name, digest in asked.items()]
        own = replace(job, path=shard.path, provenance=job.provenance | known | {ASKED: answers})
        mask_photographs(Remembered(opened, where), shard.table, job=own, decisions=decided, watch=watch)
        for digest in _asked_before(found):  # that file is written over
            kept.pop(digest, None)
    return [shard.path for shard in shards]


def _digest(table: BoxTable, digests: Sequence[str]) -> str:
    described = [
        str((image.name, image.height, image.width, image.upright, image.boxes.tolist(), image.class_ids.tolist()))
        for image in table.images
    ]
    return text_digest(*table.classes, *described, *(str(image.object_ids) for image in table.images), *digests)


def _asked(shard: Shard) -> dict[str, str]:
    """By the name of a photograph, the digest of what a generator sees: pixels, boxes, and which share a class."""
    return {
        image.name: text_digest(
            str((image.name, image.height, image.width, image.upright, image.boxes.tolist())),
            str([image.classes.index(class_id) for class_id in image.class_ids]),
            digest,
        )
        for image, digest in zip(shard.table.images, shard.digests, strict=True)
    }


def _asked_before(found: dict) -> list[str]:
    """The digests of what the generator has answered in a file, from its attributes."""
    return [digest for digest in json.loads(found.get(ASKED, "[]")) if digest]


def _attributes(path: Path) -> dict:
    if not path.exists():
        return {}
    with open_file(path) as file:
        return dict(file.attrs)


def _check_made(made: Sequence[dict], folder: Path | str, made_by: str, decided: bool) -> None:
    """Refuse masks of another generator; say which ones lose what people have decided."""
    for found in filter(None, made):
        if found.get(MADE_BY) != made_by:
            raise InputError(
                f"{folder} holds masks by {found.get(MADE_BY)}, not by {made_by}", "give another folder to write"
            )
    lost = sum(bool(found.get(DECIDED)) for found in made)
    if lost and not decided:
        log.warning(
            "%d files of masks hold decisions, and are made anew without: give --decisions again, with its file", lost
        )
