"""Score the pseudo masks and the segmenter of a stage."""

from lpg.evaluation.stage_scores import score_stage
from lpg.jobs.job import job

with job(snakemake) as work:
    score_stage(
        snakemake.params.description, truth=snakemake.input.truth, labels=snakemake.input.labels, path=work.path
    )
