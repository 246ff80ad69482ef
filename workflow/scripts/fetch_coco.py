"""Fetch COCO 2017."""

from lpg.acquisition.datasets import fetch_coco
from lpg.acquisition.sources import read_sources
from lpg.jobs.job import job

with job(snakemake):
    fetch_coco(read_sources(snakemake.params.sources))
