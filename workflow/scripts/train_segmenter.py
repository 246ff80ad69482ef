"""Train f^k."""

from lpg.machine import choose_machine
from lpg.progress import job
from lpg.provenance import describe, training_digest
from lpg.segmenter import train_segmenter

with job(f"train_segmenter {snakemake.wildcards.run} stage {snakemake.wildcards.stage}", snakemake.log[0]):
    settings, seed = dict(snakemake.params.settings), snakemake.params.seed
    provenance = describe(
        rule=snakemake.rule,
        settings=settings | {"seed": seed},
        code=snakemake.params.code,
        inputs=list(snakemake.input),
    )
    train_segmenter(
        settings,
        boxes=snakemake.input.boxes,
        labels=snakemake.input.labels,
        start=next(iter(snakemake.input.start), None),
        path=snakemake.output[0],
        seed=seed,
        digest=training_digest(provenance),
        machine=choose_machine(snakemake.resources.gpu, snakemake.threads),
        provenance=provenance,
    )
