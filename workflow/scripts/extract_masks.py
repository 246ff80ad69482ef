"""Read a dataset's ground truth masks."""

from lpg.extraction import extract_masks
from lpg.progress import job
from lpg.provenance import describe

with job(f"extract_masks {snakemake.wildcards.dataset}", snakemake.log[0]):
    settings = dict(snakemake.params.settings)
    extract_masks(
        settings,
        dataset=snakemake.wildcards.dataset,
        boxes=snakemake.input.boxes,
        skip_unreadable=snakemake.params.skip_unreadable,
        path=snakemake.output[0],
        provenance=describe(
            rule=snakemake.rule, settings=settings, code=snakemake.params.code, inputs=list(snakemake.input)
        ),
    )
