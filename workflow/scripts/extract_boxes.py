"""Read a dataset's annotations and check its photographs."""

from lpg.annotations.extraction import Permissions, extract_boxes
from lpg.jobs.job import job

with job(snakemake) as work:
    extract_boxes(
        snakemake.params.settings,
        dataset=snakemake.wildcards.dataset,
        allow=Permissions(**snakemake.params.allow.value),
        job=work,
    )
