"""Our own files, as another's or a broken disk may have them."""

import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from conftest import photograph_of
from hostile.cases import attempt, cases
from hostile.hdf5_edits import edit
from hostile.invariants import check_photographs
from hostile.mutations import mutated_bytes
from hypothesis import given
from hypothesis import strategies as st

from lpg.files.boxes import BoxTable, write_boxes
from lpg.files.ground_truth import InstanceMasks, write_ground_truth
from lpg.files.inspection import inspect_file
from lpg.files.label_maps import LabelMaps
from lpg.files.predictions import ScoreMaps, Scores, write_predictions
from lpg.files.pseudo_masks import SoftMaskFile, write_pseudo_masks
from lpg.pixels.windows import Window

CLASSES = ("background", "cat", "dog")
IMAGES = [
    photograph_of(6, 8, [[1, 1, 5, 4], [2, 2, 4, 4]], [1, 2], name="a"),
    photograph_of(4, 5, [[0, 0, 5, 4]], [2], name="b"),
]
NAMES = ["tiny/a", "tiny/b"]


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("files")
    maps = [np.zeros((image.height, image.width), np.uint8) for image in IMAGES]
    write_boxes(IMAGES, CLASSES[1:], path=folder / "boxes.h5", dataset="tiny")
    truth = [
        (name, labels, [labels] * len(image.boxes)) for name, labels, image in zip(NAMES, maps, IMAGES, strict=True)
    ]
    write_ground_truth(folder / "masks.h5", CLASSES, truth)
    scores = [Scores([0, 1], np.ones((2, 3, 3), np.uint8), np.ones(2, np.float32), Window(0, 0, 6, 8))] * 2
    write_predictions(folder / "predictions.h5", CLASSES, NAMES, scores)
    named = BoxTable([folder / "boxes.h5"]).images
    soft = [
        (labels, np.stack([labels] * len(image.classes)), [labels[inside] for inside in image.inside])
        for labels, image in zip(maps, named, strict=True)
    ]
    write_pseudo_masks(folder / "pseudo_masks.h5", CLASSES, named, soft)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def read_boxes(path: Path) -> None:
    table = BoxTable([path])
    if len(table):
        check_photographs(table.images, table.classes)


def read_labels(path: Path) -> None:
    maps = LabelMaps([path])
    for name in maps.names:
        assert maps[name].ndim == 2 and maps[name].dtype == np.uint8


def read_masks(path: Path) -> None:
    masks = InstanceMasks([path])
    for name, image in zip(NAMES, IMAGES, strict=True):
        for index in range(len(masks.areas(name)) if name in masks else 0):
            assert masks(name, index, image.height, image.width).shape == (image.height, image.width)


def read_scores(path: Path) -> None:
    maps = ScoreMaps([path], CLASSES)
    for name, image in zip(NAMES, IMAGES, strict=True):
        assert maps(photograph_of(image.height, image.width, [[0, 0, 1, 1]], [1], name), 1).shape == (
            image.height,
            image.width,
        )


def read_soft(path: Path) -> None:
    masks = SoftMaskFile(path)
    for name, image in zip(NAMES, IMAGES, strict=True):
        found = masks.of(photograph_of(image.height, image.width, image.boxes, image.class_ids, name))
        assert len(found) == len(image.boxes) == len(masks.verdicts(name))


READERS: dict[str, list[Callable[[Path], object]]] = {
    "boxes.h5": [read_boxes, read_labels, inspect_file],
    "masks.h5": [read_masks, read_labels, inspect_file],
    "predictions.h5": [read_scores, inspect_file],
    "pseudo_masks.h5": [read_soft, read_labels, inspect_file],
}


@cases(4_000)
@given(data=st.data(), name=st.sampled_from(sorted(READERS)))
def test_content(files, data, name):
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(files[name])
        edit(path, data)
        for read in READERS[name]:
            attempt(lambda read=read: read(path), [path], len(files[name]))


def has_its_heaps(content: bytes, whole: bytes) -> bool:
    """Whether the texts of a file are where they were, in HDF5's global heaps.

    These have no checksum, and HDF5 2.0 walks through a damaged one for ever, in C: no reader can prevent it.
    """
    places = [found.start() for found in re.finditer(b"GCOL", whole)]
    heaps = [slice(at, at + int.from_bytes(whole[at + 8 : at + 16], "little")) for at in places]
    return all(content[heap] == whole[heap] for heap in heaps if heap.stop <= len(content))


@cases(4_000)
@given(data=st.data(), name=st.sampled_from(sorted(READERS)))
def test_bytes(files, data, name):
    content = data.draw(mutated_bytes(st.just(files[name])).filter(lambda content: has_its_heaps(content, files[name])))
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        for read in READERS[name]:
            attempt(lambda read=read: read(path), [path], len(content))
