"""Train g^k."""

from lpg.generator import train_generator
from lpg.machine import choose_machine
from lpg.progress import job
from lpg.provenance import describe, training_digest

with job(f"train_generator {snakemake.wildcards.run} stage {snakemake.wildcards.stage}", snakemake.log[0]):
    settings, seed = dict(snakemake.params.settings), snakemake.params.seed
    provenance = describe(
        rule=snakemake.rule,
        settings=settings | {"seed": seed},
        code=snakemake.params.code,
        inputs=list(snakemake.input),
    )
    train_generator(
        settings,
        boxes=snakemake.input.boxes,
        masks=snakemake.input.masks,
        predictions=snakemake.input.predictions,
        start=next(iter(snakemake.input.start), None),
        path=snakemake.output[0],
        seed=seed,
        digest=training_digest(provenance),
        machine=choose_machine(snakemake.resources.gpu, snakemake.threads),
        provenance=provenance,
    )
