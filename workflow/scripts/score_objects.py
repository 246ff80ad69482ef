"""Score the masks of single objects at a stage."""

from lpg.evaluation.objects import score_objects
from lpg.jobs.job import job

with job(snakemake) as work:
    score_objects(boxes=snakemake.input.boxes, truth=snakemake.input.truth, masks=snakemake.input.masks, path=work.path)
