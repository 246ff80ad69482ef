"""Read a dataset's ground truth masks."""

from lpg.annotations.extraction import Permissions
from lpg.annotations.truth import extract_masks
from lpg.jobs.job import job

with job(snakemake) as work:
    extract_masks(
        snakemake.params.settings,
        dataset=snakemake.wildcards.dataset,
        boxes=snakemake.input.boxes,
        allow=Permissions(**snakemake.params.allow.value),
        job=work,
    )
