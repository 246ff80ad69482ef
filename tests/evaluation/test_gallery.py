"""Galleries: of runs whose class table is not the looked-at dataset's, and what their columns are called."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image as Picture

from lpg.annotations import Record
from lpg.annotations.extraction import write_boxes
from lpg.evaluation.gallery import draw_gallery


def draw(tmp_path, write_label_maps, **overrides):
    Picture.fromarray(np.zeros((8, 12, 3), np.uint8)).save(tmp_path / "a.png")
    record = Record("a", tmp_path / "a.png", "s", 8, 12, np.array([[1, 1, 6, 6]], np.float32), ["dog"])
    write_boxes([record], ["dog"], path=tmp_path / "boxes.h5", dataset="d")
    labels = np.zeros((8, 12), dtype=np.uint8)
    arguments = {
        "boxes": tmp_path / "boxes.h5",
        "truth": [],
        "pseudo_masks": [write_label_maps("masks.h5", ("background", "cat", "dog"), {"d/a": labels})],
        "segmentations": [],
        "refined": False,
        "images": 1,
        "seed": 0,
        "path": tmp_path / "gallery.png",
    }
    draw_gallery(**arguments | overrides)


def test_a_run_may_know_classes_that_the_looked_at_dataset_lacks(tmp_path, write_label_maps):
    draw(tmp_path, write_label_maps)
    assert np.asarray(Picture.open(tmp_path / "gallery.png")).std() > 0


@pytest.mark.parametrize(("refined", "title"), [(False, "pseudo mask, stage 1"), (True, "mask after CRF, stage 1")])
def test_a_column_says_whether_its_masks_went_through_a_crf(tmp_path, write_label_maps, monkeypatch, refined, title):
    titles = []
    monkeypatch.setattr(plt.Axes, "set_title", lambda panel, title, **style: titles.append(title))
    draw(tmp_path, write_label_maps, refined=refined)
    assert titles == ["boxes", title]
