"""Soft masks on their way through `pseudo_masks.h5`, found again by photograph."""

import json

import h5py
import numpy as np
import pytest
from conftest import photograph_of

from lpg.errors import InputError
from lpg.files.hdf5 import open_file, read_strings
from lpg.files.label_maps import LabelMaps
from lpg.files.pseudo_masks import SoftMaskFile, write_pseudo_masks

CLASSES = ("background", "cat", "dog", "kite")
IMAGES = [
    photograph_of(4, 6, [[0, 0, 3, 2], [1.5, 1, 6, 4], [2, 2, 5, 3]], [3, 1, 3], name="d/first"),
    photograph_of(5, 3, [[0, 1, 2, 5]], [2], name="d/second"),
]


def random_masks(shapes: list[tuple[int, ...]], seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, shape, dtype=np.uint8) for shape in shapes]


# Of each photograph the label map, the soft masks of its classes, and those of its boxes inside their pixels.
MASKS = []
for seed, image in enumerate(IMAGES):
    whole = image.height, image.width
    inside = [(rows.stop - rows.start, columns.stop - columns.start) for rows, columns in image.inside]
    foreground, *boxes = random_masks([(len(image.classes), *whole), *inside], seed)
    MASKS.append((np.full(whole, seed + 1, dtype=np.uint8), foreground, boxes))


@pytest.fixture
def path(tmp_path):
    write_pseudo_masks(tmp_path / "pseudo_masks.h5", CLASSES, IMAGES, iter(MASKS), {"rule": "r"})
    return tmp_path / "pseudo_masks.h5"


def test_soft_masks_are_found_by_photograph(path):
    file = SoftMaskFile(path)
    assert file.classes == CLASSES
    for image, (_, foreground, boxes) in reversed([*zip(IMAGES, MASKS, strict=True)]):
        np.testing.assert_array_equal(file.foreground(image.name), foreground)
        for read, written in zip(file.boxes(image.name), boxes, strict=True):
            np.testing.assert_array_equal(read, written)


def test_its_label_maps_are_those_of_any_file(path):
    labels = LabelMaps([path], CLASSES)
    assert labels.names == ["d/first", "d/second"]
    assert labels["d/second"].tolist() == [[2] * 3] * 5


def test_the_file_says_whose_masks_it_holds(path):
    with open_file(path) as file:
        assert file["named/class_id"][:].tolist() == [1, 3, 2]
        assert file["named/offset"][:].tolist() == [0, 2, 3]
        assert list(map(json.loads, read_strings(file, "images/id"))) == [image.id for image in IMAGES]
        assert list(map(json.loads, read_strings(file, "boxes/object_id"))) == [1, 2, 3, 1]
        assert file.attrs["rule"] == "r"


def test_a_file_without_soft_masks_is_refused(write_label_maps):
    path = write_label_maps("labels.h5", CLASSES, {"d/first": [[0]]})
    with pytest.raises(InputError, match=r"labels\.h5 has no 'foreground/values'; it was not made by the step"):
        SoftMaskFile(path)


@pytest.mark.parametrize(("written", "least"), [(255, 255), (None, 128)], ids=["of its method", "of an older file"])
def test_the_file_says_from_where_on_its_masks_are_object(tmp_path, written, least):
    path = tmp_path / "pseudo_masks.h5"
    write_pseudo_masks(path, CLASSES, IMAGES, iter(MASKS), object_from=written or 1)
    if written is None:
        with h5py.File(path, "a") as file:
            del file.attrs["object_from"]
    assert SoftMaskFile(path).object_from("d/second") == least


def test_masks_that_are_object_from_nowhere_on_are_refused(path):
    with h5py.File(path, "a") as file:
        file.attrs["object_from"] = 256
    with pytest.raises(InputError, match=r"damaged, or no file of lpg \(object_from is 256, not from 1 to 255\)"):
        SoftMaskFile(path)
