"""Draw photographs, boxes, masks of every stage and ground truth."""

from lpg.evaluation.gallery.draw import draw_gallery
from lpg.jobs.job import job
from lpg.segmenter.registry import TRAINED

with job(snakemake) as work:
    flip_test = snakemake.params.flip_test is True
    segmenters = [TRAINED.open().load(path, flip_test=flip_test) for path in snakemake.input.segmenter]
    draw_gallery(
        title=f"{snakemake.wildcards.run}, stage {snakemake.wildcards.stage}",
        **{key: snakemake.input[key] for key in ("boxes", "truth", "pseudo_masks", "segmentations", "quality")},
        segmenter=segmenters[0] if segmenters else None,
        **{key: snakemake.params[key] for key in ("refined", "images", "worst")},
        seed=work.seed,
        sheet=snakemake.output.sheet,
        folder=snakemake.output.pages,
    )
