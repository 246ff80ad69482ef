"""Galleries of runs whose class table is not the looked-at dataset's."""

import numpy as np
from PIL import Image as Picture

from lpg.annotations import Record
from lpg.boxes import write_boxes
from lpg.gallery import draw_gallery


def test_a_run_may_know_classes_that_the_looked_at_dataset_lacks(tmp_path, write_label_maps):
    Picture.fromarray(np.zeros((8, 12, 3), np.uint8)).save(tmp_path / "a.png")
    record = Record("a", tmp_path / "a.png", "s", 8, 12, np.array([[1, 1, 6, 6]], np.float32), ["dog"])
    write_boxes([record], ["dog"], path=tmp_path / "boxes.h5", dataset="d")
    labels = np.zeros((8, 12), dtype=np.uint8)
    masks = write_label_maps("masks.h5", ("background", "cat", "dog"), {"d/a": labels})
    draw_gallery(
        boxes=tmp_path / "boxes.h5",
        truth=[],
        pseudo_masks=[masks],
        segmentations=[],
        images=1,
        seed=0,
        path=tmp_path / "gallery.png",
    )
    assert np.asarray(Picture.open(tmp_path / "gallery.png")).std() > 0
