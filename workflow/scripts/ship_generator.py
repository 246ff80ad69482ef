"""Write a trained generator as it is handed on."""

from lpg.files.checkpoint import load_checkpoint
from lpg.jobs.job import job

with job(snakemake) as work:
    load_checkpoint(snakemake.input.generator[0], kind="generator").ship(work.path, by=work.provenance)
