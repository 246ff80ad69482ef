"""Plot the loss curves of a run."""

from lpg.plots import plot_losses
from lpg.progress import job

with job(f"plot_losses {snakemake.wildcards.run}", snakemake.log[0]):
    plot_losses(snakemake.input.checkpoints, snakemake.output[0])
