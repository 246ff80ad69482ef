"""Write labels^k after a dense CRF."""

if __name__ == "__main__":  # the processes of the CRF import this file, and need nothing of it
    from lpg.jobs.job import job
    from lpg.pixels.crf import CrfSettings
    from lpg.pseudo_masks.refine import refine_pseudo_masks

    with job(snakemake) as work:
        refine_pseudo_masks(
            pseudo_masks=snakemake.input.pseudo_masks,
            boxes=[snakemake.input.boxes],
            settings=CrfSettings(**snakemake.params.crf),
            job=work,
        )
