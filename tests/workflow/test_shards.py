"""Datasets in shards: several jobs, one file, and nothing that is finished made again."""

import pytest
from conftest import planned_jobs, snakemake

from lpg.jobs.provenance import content_digest

MASKS = "results/cut/stage1/shapes/pseudo_masks.h5"


def in_shards(config: dict, count: int) -> dict:
    for name in ("shapes", "shapes-val"):
        config["datasets"][name]["shards"] = count
    return config


def test_every_shard_is_a_job_and_its_file_is_gathered(tmp_path, demo, write_config):
    alone = planned_jobs(tmp_path, "all", config=write_config(demo))
    counts = planned_jobs(tmp_path, "all", config=write_config(in_shards(demo, 3)))
    gathered = counts.pop("gather_shards")
    shared = {name.removesuffix("_of_shard"): count for name, count in counts.items() if name.endswith("_of_shard")}
    assert set(shared) == {
        *("predict_scores", "generate_pseudo_masks", "generate_generic_masks", "refine_pseudo_masks"),
        *("segment_images", "refine_segmentations"),
    }
    assert sum(shared.values()) == 3 * gathered
    # The auxiliary dataset and the photographs have one job a file, as before.
    assert {name: counts.get(name, 0) + shared.get(name, 0) // 3 for name in alone} == alone


@pytest.mark.slow
def test_another_number_of_shards_makes_nothing_again(finished, demo, write_config):
    assert planned_jobs(finished[0], "all", "tables", config=write_config(in_shards(demo, 3))) == {}


@pytest.mark.slow
def test_a_kill_costs_the_shards_that_are_not_finished(copied, demo, write_config):
    folder, one_job = copied
    before, config = content_digest(folder / MASKS), write_config(in_shards(demo, 3))
    (folder / MASKS).unlink()
    first = snakemake(folder, MASKS.replace(".h5", ".0-of-3.h5"), config=config)  # all that was done before the kill
    assert first.returncode == 0, first.stderr
    assert planned_jobs(folder, MASKS, config=config) == {"generate_generic_masks_of_shard": 2, "gather_shards": 1}
    rest = snakemake(folder, MASKS, config=config)
    assert rest.returncode == 0, rest.stderr
    assert content_digest(folder / MASKS) == before
    assert [path.name for path in (folder / MASKS).parent.glob("pseudo_masks.*")] == ["pseudo_masks.h5"]
    assert planned_jobs(folder, MASKS, config=one_job) == {}
