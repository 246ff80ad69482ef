"""Write the segmentations of f^k."""

from lpg.jobs.job import job
from lpg.segmenter.apply import Segmenter, segment_images

with job(snakemake) as work:
    segmenter = Segmenter.load(snakemake.input.segmenter, work.machine.device)
    segment_images(segmenter, boxes=[snakemake.input.boxes], job=work)
