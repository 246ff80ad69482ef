"""Make one file of the shards of a dataset."""

from lpg.files.gathering import gather_shards
from lpg.jobs.job import job

with job(snakemake) as work:
    gather_shards(snakemake.input.shards, work.path)
