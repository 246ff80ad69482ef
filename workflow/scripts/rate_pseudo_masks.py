"""Rate every mask of a stage on a dataset, without ground truth."""

from lpg.evaluation.quality import rate_masks
from lpg.jobs.job import job

with job(snakemake) as work:
    rate_masks(
        boxes=snakemake.input.boxes,
        pseudo_masks=snakemake.input.pseudo_masks,
        previous=next(iter(snakemake.input.previous), None),
        calibration=next(iter(snakemake.input.calibration), None),
        path=work.path,
    )
