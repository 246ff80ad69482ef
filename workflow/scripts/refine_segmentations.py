"""Write the segmentations of f^k after a dense CRF."""

if __name__ == "__main__":  # the processes of the CRF import this file, and need nothing of it
    from lpg.jobs.job import job
    from lpg.pixels.crf import CrfSettings
    from lpg.segmenter.refinement import refine_segmentations

    with job(snakemake) as work:
        refine_segmentations(
            predictions=snakemake.input.predictions,
            boxes=[snakemake.input.boxes],
            settings=CrfSettings(**snakemake.params.crf),
            job=work,
        )
