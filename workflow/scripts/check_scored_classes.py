"""The same with the datasets that a run is scored on, and with what may be shared by what is scored."""

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
