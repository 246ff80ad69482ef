"""The demo's real photographs are read as any dataset of boxes."""

import numpy as np
from conftest import records
from skimage import data

from lpg.acquisition.photographs import write_photographs
from lpg.annotations.coco import CocoAnnotations
from lpg.pixels.pictures import read_photograph


def test_the_photographs_have_their_boxes_and_are_not_encoded_anew(tmp_path):
    write_photographs(tmp_path)
    reader = CocoAnnotations(images=tmp_path / "images", annotations=tmp_path / "annotations.json")
    read = {photograph.name: photograph for photograph in records(reader)}
    assert sorted(read) == ["astronaut", "chelsea", "coffee", "rocket"]
    assert np.array_equal(read_photograph(read["coffee"].path), data.coffee())
    names = {name: [reader.class_names[index - 1] for index in one.class_ids] for name, one in read.items()}
    assert names["chelsea"] == ["cat"] and names["astronaut"] == ["astronaut", "helmet", "shuttle"]
    for photograph in read.values():
        assert (photograph.boxes[:, :2] >= 0).all()
        assert (photograph.boxes[:, 2:] <= [photograph.width, photograph.height]).all()


def test_the_cups_box_is_around_the_cup(tmp_path):
    write_photographs(tmp_path)
    reader = CocoAnnotations(images=tmp_path / "images", annotations=tmp_path / "annotations.json")
    (coffee,) = (photograph for photograph in records(reader) if photograph.name == "coffee")
    x0, y0, x1, y1 = map(int, coffee.boxes[0])
    rim = (data.coffee() > 190).all(axis=-1)  # porcelain, and the glint of the spoon
    assert rim[y0:y1, x0:x1].sum() > 0.95 * rim.sum()
