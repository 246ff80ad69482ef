"""Write labels^k."""

if __name__ == "__main__":  # the processes of a generic generator import this file, and need nothing of it
    from lpg.machine import choose_machine
    from lpg.progress import job
    from lpg.provenance import describe
    from lpg.pseudo_masks import generate_pseudo_masks, open_generator

    with job(f"generate_pseudo_masks {snakemake.output[0]}", snakemake.log[0]):
        machine = choose_machine(snakemake.resources.gpu, snakemake.threads)
        method, settings = snakemake.params.method, snakemake.params.settings
        generate_pseudo_masks(
            open_generator(next(iter(snakemake.input.generator), None), method, machine.device, settings),
            boxes=snakemake.input.boxes,
            predictions=snakemake.input.predictions,
            path=snakemake.output[0],
            processes=1 if snakemake.params.network else snakemake.threads,
            provenance=describe(
                rule=snakemake.rule,
                settings=method or settings,
                code=snakemake.params.code,
                inputs=list(snakemake.input),
            ),
        )
