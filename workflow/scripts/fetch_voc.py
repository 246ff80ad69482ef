"""Fetch VOC 2012 and SBD, and unite them."""

from lpg.acquisition.datasets import fetch_voc
from lpg.acquisition.sources import read_sources
from lpg.jobs.job import job

with job(snakemake):
    fetch_voc(read_sources(snakemake.params.sources))
