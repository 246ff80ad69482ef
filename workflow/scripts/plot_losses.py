"""Plot the loss curves of a run."""

from lpg.evaluation.loss_plots import plot_losses
from lpg.jobs.job import job

with job(snakemake) as work:
    plot_losses(snakemake.input.checkpoints, work.path)
