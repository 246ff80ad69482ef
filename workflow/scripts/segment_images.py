"""Write the segmentations of f^k."""

if __name__ == "__main__":  # processes that interpolate import this file, and need nothing of it
    from lpg.jobs.job import job
    from lpg.segmenter.segmentation import segment_images

    with job(snakemake) as work:
        segment_images(predictions=snakemake.input.predictions, boxes=[snakemake.input.boxes], job=work)
