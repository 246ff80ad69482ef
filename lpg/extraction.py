"""From a dataset's annotations, whatever their format, to `boxes.h5` and `masks.h5`.

`boxes.h5` holds, for every photograph that has a box: its name, path and size, its boxes (`boxes/edges`,
`boxes/class_id`, with `boxes/offset` from image to box), and its box map painted as a label map (`label_maps`), which
is labels^0 of the EM. Images left out are listed in `skipped` with the reason.

`masks.h5` holds, for the photographs of a `boxes.h5` and in their order: the label map (`label_maps`, void 255) and the
mask of every box as COCO's compressed RLE (`instances`, aligned with `boxes/edges`) with its area (`boxes/area`).
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from pycocotools import mask as rle

from lpg import classes
from lpg.annotations import FORMATS, Record
from lpg.box_maps import paint_boxes
from lpg.boxes import BoxTable
from lpg.errors import InputError
from lpg.image_lists import read_names
from lpg.labels import write_label_maps
from lpg.parallel import ahead
from lpg.photographs import read_photograph
from lpg.storage import RaggedWriter, create_file, write_strings

log = logging.getLogger(__name__)


def read_dataset(settings: dict, where: str):
    """The annotation reader that a dataset of the configuration asks for."""
    arguments = {key: value for key, value in settings.items() if key not in ("format", "fraction")}
    choice = arguments.pop("classes", {})
    return FORMATS[settings["format"]](**arguments, **choice, where=where)


def choose_fraction(names: Sequence[str], fraction: float, seed: int) -> list[str]:
    """A random fraction of the names, in their order; a larger fraction of the same seed contains a smaller one."""
    order = np.random.default_rng(seed).permutation(len(names))
    return [names[index] for index in np.sort(order[: max(1, round(fraction * len(names)))])]


def _once_each(names: Sequence[str], dataset: str) -> Sequence[str]:
    counts = Counter(names)
    if len(counts) < len(names):
        (name, count), *_ = counts.most_common(1)
        raise InputError(
            f"datasets.{dataset}: {count} photographs are called '{name}' (a name has no ending); "
            "each must be named once: take the others off the list, or rename one"
        )
    return names


def extract_boxes(
    settings: dict,
    *,
    dataset: str,
    seed: int,
    skip_unreadable: bool,
    clip_boxes: bool,
    path: str | Path,
    threads: int = 1,
    provenance: dict | None = None,
) -> None:
    """Read the boxes of a dataset, check every photograph, and write `boxes.h5`.

    Every photograph is decoded once, so that a truncated one is found here and not in the middle of training.

    Raises:
        InputError: a photograph is unreadable or of another size than its annotation states (unless
            `skip_unreadable`), a box is outside its photograph or of no area (unless `clip_boxes`), no box is left.
    """
    reader = read_dataset(settings, f"datasets.{dataset}")
    names = choose_fraction(_once_each(reader.names(), dataset), settings.get("fraction", 1.0), seed)
    kept: list[Record] = []
    skipped: list[tuple[str, str]] = []
    for name, (record, problem) in zip(names, ahead(_read, ((reader, name) for name in names), threads), strict=True):
        if problem and not skip_unreadable:
            raise InputError(problem)
        if problem:
            log.warning("skipped: %s", problem)
            skipped.append((name, problem))
        elif (record := check_boxes(record, clip_boxes)) and len(record.boxes):
            kept.append(record)
        else:
            skipped.append((name, "no box of a kept class"))
    if not kept:
        raise InputError(f"datasets.{dataset}: no photograph has a box of a kept class; look at classes and split")
    without = sum(reason.startswith("no box") for _, reason in skipped)
    log.info("%d photographs with %d boxes", len(kept), sum(len(record.boxes) for record in kept))
    log.info("%d photographs without a box left out, %d unreadable skipped", without, len(skipped) - without)
    write_boxes(kept, reader.class_names, path=path, dataset=dataset, skipped=skipped, provenance=provenance)


def _read(reader, name: str) -> tuple[Record | None, str | None]:
    """The annotation of a photograph, and what is wrong with it or with the photograph."""
    try:
        record = reader.record(name)
        return record, _photograph_problem(record)
    except InputError as error:
        return None, str(error)


def _photograph_problem(record: Record) -> str | None:
    height, width = read_photograph(record.path).shape[:2]
    if (height, width) != (record.height, record.width):
        return (
            f"{record.path} is {width}×{height} pixels but {record.source} says {record.width}×{record.height}; "
            "mend the annotation, or set skip_unreadable: true to go on without the photograph"
        )
    return None


def check_boxes(record: Record, clip: bool) -> Record:
    """Refuse boxes that leave their photograph or have no area; with `clip`, cut or drop them with a warning.

    COCO's rounding puts edges a fraction of a pixel outside: less than one pixel is cut without a word.
    """
    limits = np.array([record.width, record.height, record.width, record.height], dtype=np.float32)
    clipped = np.clip(record.boxes, 0, limits)
    empty = ~(clipped[:, 2:] > clipped[:, :2]).all(axis=1)  # so that an edge that is no number counts too
    outside = np.abs(clipped - record.boxes).max(axis=1, initial=0) >= 1
    for index in np.flatnonzero(outside | empty):
        fault = "has no area inside" if empty[index] else "leaves"
        box = [round(float(edge), 2) for edge in record.boxes[index]]
        message = (
            f"{record.source}: box {index + 1} ({record.class_names[index]}, {box}) {fault} its photograph "
            f"of {record.width}×{record.height} pixels"
        )
        if not clip:
            raise InputError(f"{message}; mend the annotation, or set clip_boxes: true")
        log.warning("%s: %s", "dropped" if empty[index] else "clipped", message)
    stay = np.flatnonzero(~empty)
    return replace(
        record,
        boxes=clipped[stay],
        class_names=[record.class_names[index] for index in stay],
        object_ids=[record.object_ids[index] for index in stay] if record.object_ids else [],
    )


def write_boxes(
    records: Sequence[Record],
    class_names: Sequence[str],
    *,
    path: str | Path,
    dataset: str,
    skipped: Sequence[tuple[str, str]] = (),
    provenance: dict | None = None,
) -> None:
    """Write `boxes.h5`; a photograph is known as `<dataset>/<name>` from here on."""
    ids = {name: index for index, name in enumerate(class_names, start=1)}
    class_ids = [np.array([ids[name] for name in record.class_names], dtype=np.uint8) for record in records]
    with create_file(path, (classes.BACKGROUND, *class_names), provenance) as file:
        write_strings(file, "images/name", [f"{dataset}/{record.name}" for record in records])
        write_strings(file, "images/path", [str(record.path) for record in records])
        file["images/size"] = np.array([(record.height, record.width) for record in records], dtype=np.int32)
        file["boxes/offset"] = np.cumsum([0, *(len(record.boxes) for record in records)], dtype=np.int64)
        file["boxes/edges"] = np.concatenate([record.boxes for record in records])
        file["boxes/class_id"] = np.concatenate(class_ids)
        write_strings(file, "skipped/name", [name for name, _ in skipped])
        write_strings(file, "skipped/reason", [reason for _, reason in skipped])
        writer = RaggedWriter(file, "label_maps")
        for record, ids_here in zip(records, class_ids, strict=True):
            writer.append(paint_boxes(record.boxes, ids_here, record.height, record.width))
        writer.close()


def extract_masks(
    settings: dict,
    *,
    dataset: str,
    boxes: str | Path,
    skip_unreadable: bool,
    path: str | Path,
    provenance: dict | None = None,
) -> None:
    """Write `masks.h5` for the photographs of `boxes`.

    Raises:
        InputError: a mask is missing, malformed or of another size than its photograph (unless `skip_unreadable`).
    """
    table = BoxTable([boxes])
    reader = read_dataset(settings, f"datasets.{dataset}")
    prefix = len(dataset) + 1
    records = reader.records([image.name[prefix:] for image in table.images])
    with create_file(path, (classes.BACKGROUND, *reader.class_names), provenance) as file:
        labels = RaggedWriter(file, "label_maps")
        instances = RaggedWriter(file, "instances", dimensions=1)
        names, counts, areas = [], [], []
        for record in records:
            try:
                label_map, masks = reader.label_map(record), reader.instance_masks(check_boxes(record, clip=True))
            except InputError as error:
                if not skip_unreadable:
                    raise
                log.warning("skipped: %s", error)
                continue
            labels.append(label_map)
            for mask in masks:
                encoded = rle.encode(np.asfortranarray(mask))["counts"]
                instances.append(np.frombuffer(encoded, dtype=np.uint8))
                areas.append(np.count_nonzero(mask))
            names.append(f"{dataset}/{record.name}")
            counts.append(len(masks))
        if not names:
            raise InputError(f"datasets.{dataset}: no photograph has a readable mask; mend what the log lists")
        labels.close()
        instances.close()
        write_strings(file, "images/name", names)
        file["boxes/offset"] = np.cumsum([0, *counts], dtype=np.int64)
        file["boxes/area"] = np.array(areas, dtype=np.int64)
    level = logging.INFO if any(areas) else logging.WARNING
    log.log(level, "%d label maps; %d of %d boxes have a mask", len(names), np.count_nonzero(areas), len(areas))


def choose_masks(
    settings: Mapping[str, dict],
    *,
    boxes: Sequence[str | Path],
    images: str | Path,
    path: str | Path,
    provenance: dict | None = None,
) -> None:
    """Write the label maps of the listed photographs, whose own masks semi-supervision uses; no others need masks.

    Arguments:
        settings: of every dataset of the run, by name.
        boxes: their `boxes.h5`, in the same order.
        images: names, one a line, as in VOC's ImageSets; of photographs of any of the datasets.

    Raises:
        InputError: no listed photograph is there, or the mask of one cannot be read.
    """
    wanted = set(read_names(images))
    readers = {dataset: read_dataset(own, f"datasets.{dataset}") for dataset, own in settings.items()}
    table = BoxTable(boxes)
    chosen = [image.name for image in table.images if image.name.split("/", 1)[1] in wanted]
    if not chosen:
        raise InputError(f"{images} names no photograph of {', '.join(settings)} that has a box; mend the list")
    log.info("the own masks of %d of %d photographs; the list has %d names", len(chosen), len(table), len(wanted))
    ids = {
        dataset: classes.translate((classes.BACKGROUND, *reader.class_names), table.classes, f"datasets.{dataset}")
        for dataset, reader in readers.items()
    }

    def own_mask(name: str) -> np.ndarray:
        dataset, photograph = name.split("/", 1)
        reader = readers[dataset]
        return ids[dataset][reader.label_map(reader.record(photograph))]

    write_label_maps(path, table.classes, chosen, map(own_mask, chosen), provenance)
