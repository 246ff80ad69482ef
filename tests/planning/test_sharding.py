"""Which datasets are made in shards, and where those lie."""

import pytest
from conftest import plan_of

from lpg.planning.sharding import Sharding
from lpg.planning.sources import Sources


@pytest.fixture
def sharding(settings, teacher) -> Sharding:
    settings["datasets"]["voc"]["shards"] = 3
    return Sharding(plan_of({**settings, "runs": {"teacher": teacher}}))


def test_a_dataset_is_made_whole_unless_it_says_otherwise(sharding):
    assert (sharding.whole, sharding.shared) == (["aux", "more", "val"], ["voc"])


def test_shards_lie_beside_their_file_in_order(sharding):
    folder = "results/teacher/stage2/voc"
    assert sharding.shards("teacher", 2, "voc", "pseudo_masks_crf") == [
        f"{folder}/pseudo_masks_crf.{shard}-of-3.h5" for shard in range(3)
    ]


def test_how_many_share_a_dataset_is_nothing_to_its_reader(sharding):
    assert Sources(sharding.plan).settings("voc") == {
        "format": "coco", "images": "results/images", "annotations": "results/voc.json"
    }  # fmt: skip


@pytest.mark.parametrize("count", [0, -1, 2.5, True])
def test_there_is_at_least_one_shard(settings, teacher, count):
    settings["datasets"]["voc"]["shards"] = count
    with pytest.raises(ValueError, match="shards"):
        plan_of({**settings, "runs": {"teacher": teacher}})
