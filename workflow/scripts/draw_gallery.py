"""Draw photographs, boxes, masks of every stage and ground truth."""

from lpg.gallery import draw_gallery
from lpg.progress import job

with job(f"draw_gallery {snakemake.output[0]}", snakemake.log[0]):
    draw_gallery(
        boxes=snakemake.input.boxes,
        truth=snakemake.input.truth,
        pseudo_masks=snakemake.input.pseudo_masks,
        segmentations=snakemake.input.segmentations,
        refined=snakemake.params.refined,
        images=snakemake.params.images,
        seed=snakemake.params.seed,
        path=snakemake.output[0],
    )
