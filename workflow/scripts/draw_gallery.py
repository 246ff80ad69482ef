"""Draw photographs, boxes, masks of every stage and ground truth."""

from lpg.evaluation.gallery.draw import draw_gallery
from lpg.jobs.job import job

with job(snakemake) as work:
    draw_gallery(
        title=f"{snakemake.wildcards.run}, stage {snakemake.wildcards.stage}",
        **{key: snakemake.input[key] for key in ("boxes", "truth", "pseudo_masks", "segmentations", "quality")},
        **{key: snakemake.params[key] for key in ("refined", "images", "worst")},
        seed=work.seed,
        sheet=snakemake.output.sheet,
        folder=snakemake.output.pages,
    )
