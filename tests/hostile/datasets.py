"""What a dataset goes through before anything is written: its boxes, then its masks; nothing of ours is on disk.

HDF5 takes ten times as long as all the rest, and names and ids are checked for what it would stumble over.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import numpy as np
from hostile.cases import attempt
from hostile.invariants import check_labels, check_photographs

from lpg.annotations import extraction, truth
from lpg.annotations.extraction import Permissions
from lpg.errors import InputError
from lpg.jobs.job import Job
from lpg.photograph import Photograph

WHERE = "datasets.tiny"


def attempt_dataset(file: Path, content: str | bytes, settings: dict, allow: Permissions) -> None:
    """Write a file, and read the dataset that it is of; a refusal names the file, its folder or the dataset."""
    content = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    file.write_bytes(content)
    attempt(lambda: read_dataset(settings, allow), [WHERE, file, file.parent, "images"], len(content))


def read_dataset(settings: dict, allow: Permissions) -> None:
    """Boxes and masks, with all that is checked of them.

    Raises:
        InputError: the boxes are refused; a dataset may have no masks.
    """
    table = boxes_of(settings, allow)
    check_photographs(table.images, table.classes)
    try:
        for image, labels, masks in masks_of(settings, allow, table):
            check_labels(labels, image, len(table.classes))
            for mask in masks:
                assert mask.shape == labels.shape and mask.max(initial=0) <= 1
    except InputError as error:
        assert "\n" not in str(error) and ("tiny" in str(error) or "hostile" in str(error)), str(error)


def boxes_of(settings: dict, allow: Permissions) -> SimpleNamespace:
    """What `boxes.h5` would hold."""
    images = []

    def write(photographs, *_, **__) -> None:
        images.extend(replace(one, name=f"tiny/{one.name}") for one in photographs)

    with mock.patch.object(extraction, "write_boxes", side_effect=write) as written:
        extraction.extract_boxes(settings, dataset="tiny", allow=allow, job=Job("boxes.h5"))
    class_names = written.call_args.args[1]
    for name, reason in written.call_args.kwargs["skipped"]:
        assert f"{name} {reason}".encode() and "\0" not in name + reason
    return SimpleNamespace(images=images, classes=("background", *class_names))


def masks_of(
    settings: dict, allow: Permissions, table: SimpleNamespace
) -> list[tuple[Photograph, np.ndarray, Sequence]]:
    """What `masks.h5` would hold."""
    found = []

    def write(path, class_names, truth, provenance) -> np.ndarray:
        by_name = {image.name: image for image in table.images}
        found.extend((by_name[name], labels, list(masks)) for name, labels, masks in truth)
        return np.zeros(1)

    with mock.patch.object(truth, "write_ground_truth", write), mock.patch.object(truth, "BoxTable", lambda _: table):
        truth.extract_masks(settings, dataset="tiny", boxes="boxes.h5", allow=allow, job=Job("masks.h5"))
    return found
