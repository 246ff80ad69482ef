"""Merge the class tables of a run and keep auxiliary and target apart."""

from lpg.annotations.class_check import Taught, check_classes
from lpg.jobs.job import job

with job(snakemake) as work:
    check_classes(
        snakemake.wildcards.run,
        boxes=snakemake.input.boxes,
        taught=Taught(snakemake.input.auxiliary, snakemake.input.generator, snakemake.params.shares.value),
        allowed=snakemake.params.allowed.value,
        job=work,
    )
