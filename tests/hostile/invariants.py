"""What holds of everything that a reader gives."""

from collections.abc import Sequence

import numpy as np
from hostile.cases import UNPRINTABLE

from lpg.classes import VOID, canonical
from lpg.photograph import Photograph


def check_photographs(images: Sequence[Photograph], classes: Sequence[str]) -> None:
    """Of the photographs and boxes of a dataset."""
    assert len({canonical(name) for name in classes}) == len(classes) <= 255
    assert len({image.name for image in images}) == len(images) > 0
    for text in (*classes, *(text for image in images for text in (image.name, str(image.path)))):
        assert not UNPRINTABLE.search(text) and text.strip(), repr(text)
    for image in images:
        check_photograph(image, len(classes))


def check_photograph(image: Photograph, classes: int) -> None:
    assert image.height > 0 and image.width > 0
    assert image.boxes.dtype == np.float32 and image.boxes.shape == (len(image.class_ids), 4)
    assert np.isfinite(image.boxes).all() and np.isfinite(image.excluded).all()
    assert (image.boxes >= 0).all() and (image.boxes <= [image.width, image.height] * 2).all()
    assert (image.boxes[:, 2:] > image.boxes[:, :2]).all()
    assert ((image.class_ids >= 1) & (image.class_ids < classes)).all()
    assert len({repr(key) for key in image.object_ids}) == len(image.object_ids) == len(image.boxes)


def check_labels(labels: np.ndarray, image: Photograph, classes: int) -> None:
    assert labels.dtype == np.uint8 and labels.shape == (image.height, image.width)
    assert np.isin(labels, [*range(classes), VOID]).all()
