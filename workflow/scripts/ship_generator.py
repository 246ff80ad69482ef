"""Write a trained generator as it is handed on."""

from lpg.files.handed_on import hand_on
from lpg.jobs.job import job

with job(snakemake) as work:
    hand_on(snakemake.input.generator[0], work.path, apply=snakemake.params.apply, by=work.provenance)
