"""Keep the masks of the images that semi-supervision lists."""

from lpg.annotations.truth import choose_masks
from lpg.jobs.job import job

with job(snakemake) as work:
    choose_masks(snakemake.params.settings, boxes=snakemake.input.boxes, images=snakemake.input.images, job=work)
