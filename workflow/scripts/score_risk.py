"""Score what is said of masks without ground truth against the ground truth."""

from lpg.evaluation.quality_scores import score_risk
from lpg.jobs.job import job

with job(snakemake) as work:
    score_risk(
        **{key: snakemake.input[key] for key in ("quality", "boxes", "truth", "masks")},
        path=work.path,
        picture=snakemake.output.picture,
        calibration=next(iter(snakemake.input.calibration), None),
    )
