"""Write labels^k by a method without a network."""

if __name__ == "__main__":  # the processes of the method import this file, and need nothing of it
    from lpg.generators.opening import open_method
    from lpg.jobs.job import job
    from lpg.pseudo_masks.generate import generate_pseudo_masks

    with job(snakemake) as work:
        generate_pseudo_masks(
            open_method(**snakemake.params.method),
            boxes=[snakemake.input.boxes],
            predictions=snakemake.input.predictions,
            decisions=snakemake.params.decisions.value,
            rejected=snakemake.params.rejected,
            other_boxes=snakemake.input.other_boxes,
            band=snakemake.params.band,
            job=work,
        )
