"""Write p^k."""

from lpg.jobs.job import job
from lpg.segmenter.apply import Segmenter, predict_scores

with job(snakemake) as work:
    flip_test, everywhere = (snakemake.params[key] is True for key in ("flip_test", "everywhere"))
    segmenter = Segmenter.load(snakemake.input.segmenter, work.machine.device, flip_test=flip_test)
    predict_scores(segmenter, boxes=[snakemake.input.boxes], job=work, everywhere=everywhere)
