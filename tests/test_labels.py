"""The masks that semi-supervision chooses, and which of two label maps counts."""

import pytest

from lpg.errors import InputError
from lpg.labels import LabelMaps, choose_label_maps

NAMES = ("background", "cat")


def test_chosen_masks_replace_weak_labels_of_the_listed_images_only(tmp_path, write_label_maps):
    weak = write_label_maps("weak.h5", NAMES, {"voc/a": [[1, 1]], "voc/b": [[1, 1]]})
    masks = write_label_maps("masks.h5", NAMES, {"voc/a": [[0, 1]], "voc/b": [[255, 1]]})
    (tmp_path / "list.txt").write_text("b\n\nnot-here\n")
    choose_label_maps(masks=[masks], images=tmp_path / "list.txt", path=tmp_path / "own.h5")
    labels = LabelMaps([weak, tmp_path / "own.h5"], NAMES)
    assert labels["voc/a"].tolist() == [[1, 1]]
    assert labels["voc/b"].tolist() == [[255, 1]]


def test_a_list_of_other_images_is_refused(tmp_path, write_label_maps):
    masks = write_label_maps("masks.h5", NAMES, {"voc/a": [[0, 1]]})
    (tmp_path / "list.txt").write_text("c\n")
    with pytest.raises(InputError, match=r"list\.txt names no photograph of .*masks\.h5; mend the list"):
        choose_label_maps(masks=[masks], images=tmp_path / "list.txt", path=tmp_path / "own.h5")
