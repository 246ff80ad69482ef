"""Read a dataset's annotations and check its photographs."""

from lpg.extraction import extract_boxes
from lpg.progress import job
from lpg.provenance import describe

with job(f"extract_boxes {snakemake.wildcards.dataset}", snakemake.log[0]):
    settings = dict(snakemake.params.settings)
    choices = {key: snakemake.params[key] for key in ("seed", "skip_unreadable", "clip_boxes")}
    extract_boxes(
        settings,
        dataset=snakemake.wildcards.dataset,
        **choices,
        path=snakemake.output[0],
        threads=snakemake.threads,
        provenance=describe(
            rule=snakemake.rule, settings=settings | choices, code=snakemake.params.code, inputs=list(snakemake.input)
        ),
    )
