"""Check a run's classes against those that its generator has learned, and those of the datasets it is scored on."""

from lpg.annotations.class_check import Taught, check_classes
from lpg.jobs.job import job

with job(snakemake) as work:
    check_classes(
        snakemake.wildcards.run,
        boxes=snakemake.input.boxes,
        taught=Taught(snakemake.input.auxiliary, snakemake.input.generator, snakemake.params.shares),
        evaluated=snakemake.input.evaluated,
        allowed=snakemake.params.allowed,
        job=work,
    )
