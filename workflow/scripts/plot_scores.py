"""Plot the scores by stage."""

from lpg.evaluation.plots import plot_scores
from lpg.jobs.job import job

with job(snakemake) as work:
    plot_scores(snakemake.input.scores, work.path)
