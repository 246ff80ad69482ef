"""Keep the masks of the images that semi-supervision lists."""

from lpg.extraction import choose_masks
from lpg.progress import job
from lpg.provenance import describe

with job(f"choose_masks {snakemake.wildcards.run}", snakemake.log[0]):
    settings = dict(snakemake.params.settings)
    choose_masks(
        settings,
        boxes=snakemake.input.boxes,
        images=snakemake.input.images[0],
        path=snakemake.output[0],
        provenance=describe(
            rule=snakemake.rule, settings=settings, code=snakemake.params.code, inputs=list(snakemake.input)
        ),
    )
