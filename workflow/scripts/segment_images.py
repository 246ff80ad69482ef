"""Write the segmentations of f^k."""

from lpg.jobs.job import job
from lpg.segmenter.segmentation import segment_images

with job(snakemake) as work:
    segment_images(predictions=snakemake.input.predictions, boxes=[snakemake.input.boxes], job=work)
