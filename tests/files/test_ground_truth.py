"""`masks.h5`: the mask of every box, found by photograph and box."""

import numpy as np
import pytest

from lpg.errors import InputError
from lpg.files.ground_truth import InstanceMasks, write_ground_truth
from lpg.files.label_maps import LabelMaps


def test_instance_masks_are_found_by_photograph_and_box(coco, make_boxes, make_masks):
    masks = InstanceMasks([make_masks(coco.settings, make_boxes(coco.settings))])
    assert "tiny/one" in masks and "tiny/three" not in masks
    zebra = [[0] * 8, *[[0, 1, 1, 1, 1, 0, 0, 0]] * 3, [0] * 8, [0] * 8]
    kite = [[0] * 8, [0] * 8, *[[0, 0, 0, 1, 1, 0, 0, 0]] * 2, [0] * 8, [0] * 8]
    assert masks("tiny/one", 0, 6, 8).tolist() == zebra
    assert masks("tiny/one", 1, 6, 8).tolist() == kite
    assert masks("tiny/sub/two", 0, 4, 5).tolist() == [[1, 1, 0, 0, 0], [1, 1, 0, 0, 0], [0] * 5, [0] * 5]


def test_masks_of_several_files(coco, voc, make_boxes, make_masks):
    paths = [
        make_masks(settings, make_boxes(settings, name), name)
        for name, settings in (("first", coco.settings), ("second", voc.settings))
    ]
    masks = InstanceMasks(paths)
    assert masks("first/one", 1, 6, 8).sum() == 4
    assert masks("second/p", 0, 6, 8).sum() == 6


def test_what_is_written_is_read_and_counted(tmp_path):
    path, rng = tmp_path / "masks.h5", np.random.default_rng(0)
    masks = [(rng.random((5, 7)) < part).astype(np.uint8) for part in (0.5, 0.1, 1)]
    empty = np.zeros((4, 4), dtype=np.uint8)
    truth = [("d/a", np.full((5, 7), 255, dtype=np.uint8), masks), ("d/b", empty, []), ("d/c", empty + 1, [empty])]
    areas = write_ground_truth(path, ("background", "cat"), iter(truth), {"rule": "r"})
    assert areas.tolist() == [*(mask.sum() for mask in masks), 0]
    found, labels = InstanceMasks([path]), LabelMaps([path])
    for name, label_map, written in truth:
        np.testing.assert_array_equal(labels[name], label_map)
        assert found.areas(name).tolist() == [mask.sum() for mask in written]
        for index, mask in enumerate(written):
            np.testing.assert_array_equal(found(name, index, *label_map.shape), mask)


def test_a_file_without_masks_is_refused(write_label_maps):
    path = write_label_maps("labels.h5", ("background",), {"x": [[0]]})
    with pytest.raises(InputError, match=r"labels\.h5 has no 'instances/values'; it was not made by the step"):
        InstanceMasks([path])
