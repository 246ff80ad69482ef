"""Photographs that are learned and scored on."""

import pytest
from conftest import photograph_of

from lpg.annotations.known import tell_known
from lpg.files.boxes import write_boxes


@pytest.fixture
def boxes(tmp_path):
    """Write the `boxes.h5` of a dataset of photographs with these digests."""

    def write(dataset: str, *digests: str) -> str:
        path = tmp_path / dataset / "boxes.h5"
        path.parent.mkdir()
        images = [photograph_of(4, 8, [[0, 0, 4, 4]], [1], name=f"{dataset}{place}") for place in range(len(digests))]
        write_boxes(images, ["cat"], path=path, dataset=dataset, digests=digests)
        return str(path)

    return write


def test_photographs_of_another_name_that_are_learned_are_told(boxes, caplog):
    learned = [boxes("voc", "1", "2", "3"), boxes("coco", "4")]
    tell_known("r", learned=learned, evaluated=[boxes("val", "5", "2", "4"), boxes("test", "6"), learned[0]])
    (said,) = caplog.messages
    assert said == (
        "runs.r.evaluate: 2 of the 3 photographs of val are learned too, in another dataset: scores on them are no "
        "test of what was learned"
    )
