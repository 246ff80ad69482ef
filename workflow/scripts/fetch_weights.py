"""Fetch ImageNet weights."""

from lpg.acquisition.datasets import fetch_weights
from lpg.acquisition.sources import read_sources
from lpg.jobs.job import job

with job(snakemake) as work:
    fetch_weights(read_sources(snakemake.params.sources), work.path)
