"""What a generator answers with."""

import numpy as np
from conftest import photograph_of

from lpg.generators.interface import SoftMasks


def test_masks_of_yes_and_no_are_soft_masks_of_255():
    """A generator of one's own may answer with them, and 1 of 255 would be no object anywhere."""
    image = photograph_of(2, 4, [[0, 0, 2, 2], [1, 0, 4, 1]], [1, 2])
    yes = [np.array([[True, False], [True, True]]), np.array([[False, True, True]])]
    classes = [[[255, 0, 0, 0], [255, 255, 0, 0]], [[0, 0, 255, 255], [0, 0, 0, 0]]]
    boxes = [[[255, 0], [255, 255]], [[0, 255, 255]]]
    for soft in (SoftMasks.of_boxes(image, yes), SoftMasks.of_classes(image, np.array(classes) > 0)):
        assert soft.foreground.tolist() == classes and soft.foreground.dtype == np.uint8
        assert [mask.tolist() for mask in soft.boxes] == boxes
