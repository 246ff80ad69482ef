"""Write p^k."""

from lpg.jobs.job import job
from lpg.segmenter.apply import Segmenter, predict_scores

with job(snakemake) as work:
    segmenter = Segmenter.load(snakemake.input.segmenter, work.machine.device)
    predict_scores(segmenter, boxes=[snakemake.input.boxes], job=work)
