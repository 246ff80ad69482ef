"""From a dataset's annotations to `masks.h5`, and to the masks that semi-supervision lists."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from lpg.annotations.box_checks import cut_boxes
from lpg.annotations.extraction import Permissions
from lpg.annotations.faults import refuse
from lpg.annotations.image_folder import without_ending
from lpg.annotations.image_lists import read_names
from lpg.annotations.mask_ids import MaskIds
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
        InputError: a mask is missing, malformed or of another size than its photograph (unless allowed), or the ids of
            the masks are not in the order of the classes.
    """
    reader = open_reader(settings, f"datasets.{dataset}")
    faults: list[InputError] = []
    ids = MaskIds(dataset, reader.class_names)

    def truth() -> Iterator[tuple[str, np.ndarray, Iterable[np.ndarray]]]:
        for image in BoxTable([boxes]).images:
            try:
                annotated = _annotated(reader, own_name(image.name), image)
                label_map, masks = _masks(reader, annotated)
                ids.add(annotated, label_map)
                yield image.name, label_map, masks
            except InputError as error:
                if error.permission is None:  # it is the dataset's, and not one photograph's
                    refuse([*faults, error], f"datasets.{dataset}")
                if allow.cover(error):
                    log.warning("skipped: %s", error)
                else:
                    faults.append(error)
        refuse(faults, f"datasets.{dataset}")
        if not ids.seen:
            raise InputError(f"datasets.{dataset}: no photograph has a readable mask", "mend what the log lists")
        ids.check()

    areas = write_ground_truth(job.path, (BACKGROUND, *reader.class_names), truth(), job.provenance)
    level = logging.INFO if any(areas) else logging.WARNING
    log.log(level, "%d of %d boxes have a mask", np.count_nonzero(areas), len(areas))


def _annotated(reader: Reader, name: str, image: Photograph) -> Photograph:
    """A photograph as its annotation has it, of the size that was settled when its boxes were read."""
    return replace(reader.record(name), height=image.height, width=image.width, upright=image.upright)


def _masks(reader: Reader, photograph: Photograph) -> tuple[np.ndarray, Iterable[np.ndarray]]:
    return reader.label_map(photograph), reader.instance_masks(cut_boxes(photograph, reader.class_names))


def choose_masks(settings: Mapping[str, dict], *, boxes: Sequence[str | Path], images: str | Path, job: Job) -> None:
    """Write the label maps of the listed photographs, whose own masks semi-supervision uses; no others need masks.

    Arguments:
        settings: of every dataset of the run, by name.
        boxes: their `boxes.h5`, in the same order.
        images: names, one a line, as in VOC's ImageSets; of photographs of any of the datasets, with the dataset
            before it (`<dataset>/<name>`) where several have one of that name.

    Raises:
        InputError: no listed photograph is there, a name is of several, or the mask of one cannot be read.
    """
    readers = {dataset: open_reader(own, f"datasets.{dataset}") for dataset, own in settings.items()}
    table = BoxTable(boxes)
    chosen = Names(_listed(images, table, list(settings)))
    table_ids = {
        dataset: translate((BACKGROUND, *reader.class_names), table.classes, f"datasets.{dataset}")
        for dataset, reader in readers.items()
    }

    def own_masks() -> Iterator[np.ndarray]:
        ids = {dataset: MaskIds(dataset, reader.class_names) for dataset, reader in readers.items()}
        for name in chosen:
            dataset = dataset_of(name)
            annotated = _annotated(readers[dataset], own_name(name), table[name])
            label_map = readers[dataset].label_map(annotated)
            if ids[dataset].add(annotated, label_map) <= {0, VOID}:
                log.warning("the own mask of %s shows no object, and its boxes name some", name)
            yield table_ids[dataset][label_map]
        for each in ids.values():
            each.check()

    write_label_maps(job.path, table.classes, chosen, own_masks(), job.provenance)


def _listed(images: str | Path, table: BoxTable, datasets: Sequence[str]) -> Iterator[str]:
    """The photographs that a list names, in the table's order; their names may have the ending of a picture."""
    called: dict[str, list[str]] = {}
    for image in table.images:
        called.setdefault(image.name, []).append(image.name)
        called.setdefault(own_name(image.name), []).append(image.name)
    # The first word of a line is its name, or all of it: a name may have blanks.
    lines = dict.fromkeys(zip(read_names(images, lambda line: True), read_names(images), strict=True))
    chosen, unknown = set(), []
    for names in lines:
        spelled = (*names, *map(without_ending, names))
        found = next((called[name] for name in spelled if name in called), None)
        if not found:
            unknown.append(names[0])
        elif len(found) > 1:
            raise InputError(f"{images}: {names[0]} is the name of {' and of '.join(found)}", "write which of them")
        else:
            chosen.update(found)
    if not chosen:
        raise InputError(
            f"{images} names no photograph of {', '.join(datasets)} that has a box",
            f"mend the list: a photograph is called '{own_name(table.images[0].name)}'",
        )
    log.info("the own masks of %d of %d photographs", len(chosen), len(table))
    if unknown:
        log.warning(
            "%d of the names in %s are no photograph with a box, such as '%s'", len(unknown), images, unknown[0]
        )
    return (image.name for image in table.images if image.name in chosen)
