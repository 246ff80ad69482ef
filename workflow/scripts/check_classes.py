"""Merge the class tables of a run and keep auxiliary and target apart."""

from lpg.class_check import check_classes
from lpg.progress import job

with job(f"check_classes {snakemake.wildcards.run}", snakemake.log[0]):
    check_classes(
        run=snakemake.wildcards.run,
        boxes=snakemake.input.boxes,
        auxiliary=snakemake.input.auxiliary,
        generator=snakemake.input.generator,
        evaluated=snakemake.input.evaluated,
        allowed=snakemake.params.allowed,
        path=snakemake.output[0],
    )
