"""Calibrate the predicted IoU of a generator's masks."""

from lpg.evaluation.calibration_fitting import calibrate
from lpg.jobs.job import job

with job(snakemake) as work:
    calibrate(
        **{key: snakemake.input[key] for key in ("boxes", "truth", "masks")},
        generator=next(iter(snakemake.input.generator), None),
        path=work.path,
        made_by=work.provenance,
    )
