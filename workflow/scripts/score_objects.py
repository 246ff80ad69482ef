"""Score the masks of single objects at a stage."""

from lpg.evaluation.objects import score_objects
from lpg.jobs.job import job

with job(snakemake) as work:
    score_objects(
        **{key: snakemake.input[key] for key in ("boxes", "truth", "masks", "quality")},
        path=work.path,
    )
