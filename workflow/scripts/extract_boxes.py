"""Read a dataset's annotations and check its photographs."""

from lpg.boxes import extract_boxes
from lpg.progress import job
from lpg.provenance import describe

with job(f"extract_boxes {snakemake.wildcards.dataset}", snakemake.log[0]):
    settings = dict(snakemake.params.settings)
    extract_boxes(
        settings,
        dataset=snakemake.wildcards.dataset,
        seed=snakemake.params.seed,
        skip_unreadable=snakemake.params.skip_unreadable,
        clip_boxes=snakemake.params.clip_boxes,
        path=snakemake.output[0],
        threads=snakemake.threads,
        provenance=describe(
            rule=snakemake.rule, settings=settings, code=snakemake.params.code, inputs=list(snakemake.input)
        ),
    )
