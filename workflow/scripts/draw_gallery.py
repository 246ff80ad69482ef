"""Draw photographs, boxes, masks of every stage and ground truth."""

from lpg.evaluation.gallery import draw_gallery
from lpg.jobs.job import job

with job(snakemake) as work:
    draw_gallery(
        **{key: snakemake.input[key] for key in ("boxes", "truth", "pseudo_masks", "segmentations")},
        refined=snakemake.params.refined,
        images=snakemake.params.images,
        seed=work.seed,
        path=work.path,
    )
