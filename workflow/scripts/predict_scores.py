"""Write p^k."""

from lpg.jobs.job import job
from lpg.segmenter.apply import Segmenter, predict_scores

with job(snakemake) as work:
    segmenter = Segmenter.load(snakemake.input.segmenter, work.machine.device)
    everywhere = snakemake.params.everywhere is True
    predict_scores(segmenter, boxes=[snakemake.input.boxes], job=work, everywhere=everywhere)
