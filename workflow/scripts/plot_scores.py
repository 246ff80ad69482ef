"""Plot the scores by stage."""

from lpg.plots import plot_scores
from lpg.progress import job

with job("plot_scores", snakemake.log[0]):
    plot_scores(snakemake.input.scores, snakemake.output[0])
