"""What stage, role and shard a file or a job is of."""

from jobs.test_job import Inputs, Named, script  # noqa: F401

from lpg.jobs.job import job
from lpg.jobs.provenance import ingredients_digest
from lpg.planning.rating import Rating


def test_the_second_stage_has_one_before_it(plan, target):
    rating = Rating(plan(voc=target()))
    assert rating.previous_masks("voc", 2, "val") == ["results/voc/stage1/val/pseudo_masks.h5"]


def test_an_input_in_another_role_is_another_ingredient():
    provenance = {"input_digests": {"one": "1", "two": "2"}, "settings_digest": "s", "code_digest": "c"}
    both = ingredients_digest(provenance, {"boxes": ["one", "two"], "predictions": []})
    assert both != ingredients_digest(provenance, {"boxes": ["one"], "predictions": ["two"]})


def test_a_job_of_a_shard_knows_which(script):  # noqa: F811
    with job(script(wildcards=Named(dataset="pets", shard="1", shards="3"), rule="segment_images_of_shard")) as work:
        assert (work.shard, work.shards, work.provenance["rule"]) == (1, 3, "segment_images")
        assert work.part_of(Part(50)) == (16, 32)


class Part:
    """A table that says which part of it is asked for."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def part(self, span: slice) -> tuple[int, int]:
        return span.start, span.stop
