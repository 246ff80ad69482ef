"""Check a run's classes and photographs against those that are learned, and those of the datasets it is scored on."""

from lpg.annotations.class_check import Taught, check_classes
from lpg.annotations.known import tell_known
from lpg.jobs.job import job

with job(snakemake) as work:
    tell_known(
        snakemake.wildcards.run,
        learned=snakemake.params.learned.value,
        evaluated=snakemake.input.evaluated,
    )
    check_classes(
        snakemake.wildcards.run,
        boxes=snakemake.input.boxes,
        taught=Taught(snakemake.input.auxiliary, snakemake.input.generator, snakemake.params.shares),
        evaluated=snakemake.input.evaluated,
        allowed=snakemake.params.allowed,
        job=work,
    )
