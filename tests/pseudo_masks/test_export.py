"""Label maps as pictures."""

import json

import numpy as np
from PIL import Image

from lpg.files.label_maps import write_label_maps
from lpg.pseudo_masks.export import export_pseudo_masks


def test_masks_are_exported_under_the_names_of_their_photographs(tmp_path):
    maps = {"pets/a": np.array([[0, 1, 255]], dtype=np.uint8), "pets/sub/b": np.array([[2], [0]], dtype=np.uint8)}
    write_label_maps(tmp_path / "m.h5", ("background", "cat", "dog"), list(maps), maps.values())
    export_pseudo_masks([tmp_path / "m.h5"], tmp_path / "out")
    for name, labels in (("a", maps["pets/a"]), ("sub/b", maps["pets/sub/b"])):
        with Image.open(tmp_path / "out" / f"{name}.png") as picture:
            assert picture.mode == "P"
            assert picture.getpalette()[:9] == [0, 0, 0, 128, 0, 0, 0, 128, 0]
            assert np.array_equal(np.asarray(picture), labels)


def test_a_list_says_which_class_has_which_id_and_colour(tmp_path):
    write_label_maps(tmp_path / "m.h5", ("background", "Kätzchen", "dog"), ["pets/a"], [np.zeros((1, 1), np.uint8)])
    export_pseudo_masks([tmp_path / "m.h5"], tmp_path / "out")
    listed = json.loads((tmp_path / "out" / "classes.json").read_text(encoding="utf-8"))
    assert listed == [
        {"id": 0, "name": "background", "colour": "#000000"},
        {"id": 1, "name": "Kätzchen", "colour": "#800000"},
        {"id": 2, "name": "dog", "colour": "#008000"},
        {"id": 255, "name": "void", "colour": "#e0e0c0"},
    ]
