"""Write the segmentations of f^k after a dense CRF."""

if __name__ == "__main__":  # the processes of the CRF import this file, and need nothing of it
    from lpg.jobs.job import job
    from lpg.pixels.crf import CrfSettings
    from lpg.segmenter.apply import Segmenter
    from lpg.segmenter.refinement import refine_segmentations

    with job(snakemake) as work:
        segmenter = Segmenter.load(snakemake.input.segmenter, work.machine.device)
        settings = CrfSettings(**snakemake.params.crf)
        refine_segmentations(segmenter, boxes=[snakemake.input.boxes], settings=settings, job=work)
