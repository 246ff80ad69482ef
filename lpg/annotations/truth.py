"""From a dataset's annotations to `masks.h5`, and to the masks that semi-supervision lists."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from lpg.annotations.box_checks import cut_boxes
from lpg.annotations.extraction import Permissions
from lpg.annotations.image_lists import read_names
from lpg.annotations.reader import Reader, open_reader
from lpg.classes import BACKGROUND, VOID, translate
from lpg.errors import InputError
from lpg.files.boxes import BoxTable
from lpg.files.ground_truth import write_ground_truth
from lpg.files.label_maps import write_label_maps
from lpg.files.ragged import Names
from lpg.jobs.job import Job
from lpg.photograph import Photograph, dataset_of, own_name

log = logging.getLogger(__name__)


def extract_masks(settings: dict, *, dataset: str, boxes: str | Path, allow: Permissions, job: Job) -> None:
    """Write `masks.h5` for the photographs of `boxes`.

    Raises:
        InputError: a mask is missing, malformed or of another size than its photograph (unless allowed).
    """
    reader = open_reader(settings, f"datasets.{dataset}")

    def truth() -> Iterator[tuple[str, np.ndarray, Iterable[np.ndarray]]]:
        for image in BoxTable([boxes]).images:
            try:
                yield image.name, *_masks(reader, _annotated(reader, own_name(image.name), image))
            except InputError as error:
                if not allow.cover(error):
                    raise
                log.warning("skipped: %s", error)

    areas = write_ground_truth(job.path, (BACKGROUND, *reader.class_names), _some(truth(), dataset), job.provenance)
    level = logging.INFO if any(areas) else logging.WARNING
    log.log(level, "%d of %d boxes have a mask", np.count_nonzero(areas), len(areas))


def _annotated(reader: Reader, name: str, image: Photograph) -> Photograph:
    """A photograph as its annotation has it, of the size that was settled when its boxes were read."""
    return replace(reader.record(name), height=image.height, width=image.width, upright=image.upright)


def _masks(reader: Reader, photograph: Photograph) -> tuple[np.ndarray, Iterable[np.ndarray]]:
    return reader.label_map(photograph), reader.instance_masks(cut_boxes(photograph, reader.class_names))


def _some(truth: Iterator, dataset: str) -> Iterator:
    seen: set[int] = set()
    for name, label_map, masks in truth:
        seen.update(np.unique(label_map).tolist())
        yield name, label_map, masks
    if not seen:
        raise InputError(f"datasets.{dataset}: no photograph has a readable mask", "mend what the log lists")
    if seen <= {0, VOID} and VOID in seen:
        raise InputError(
            f"datasets.{dataset}: the masks hold 0 and {VOID} alone, and {VOID} is void, where nothing is known",
            "write the ids of the classes in its place: 1 is the first of class_names",
        )


def choose_masks(settings: Mapping[str, dict], *, boxes: Sequence[str | Path], images: str | Path, job: Job) -> None:
    """Write the label maps of the listed photographs, whose own masks semi-supervision uses; no others need masks.

    Arguments:
        settings: of every dataset of the run, by name.
        boxes: their `boxes.h5`, in the same order.
        images: names, one a line, as in VOC's ImageSets; of photographs of any of the datasets.

    Raises:
        InputError: no listed photograph is there, or the mask of one cannot be read.
    """
    wanted = Names(read_names(images))
    listed = len(wanted)
    for name in read_names(images, lambda line: True):  # a name may have blanks
        wanted.append(name)
    readers = {dataset: open_reader(own, f"datasets.{dataset}") for dataset, own in settings.items()}
    table = BoxTable(boxes)
    chosen = Names(image.name for image in table.images if own_name(image.name) in wanted)
    if not len(chosen):
        raise InputError(f"{images} names no photograph of {', '.join(settings)} that has a box", "mend the list")
    log.info("the own masks of %d of %d photographs; the list has %d names", len(chosen), len(table), listed)
    ids = {
        dataset: translate((BACKGROUND, *reader.class_names), table.classes, f"datasets.{dataset}")
        for dataset, reader in readers.items()
    }

    def own_mask(name: str) -> np.ndarray:
        dataset = dataset_of(name)
        reader = readers[dataset]
        return ids[dataset][reader.label_map(_annotated(reader, own_name(name), table[name]))]

    write_label_maps(job.path, table.classes, chosen, map(own_mask, chosen), job.provenance)
