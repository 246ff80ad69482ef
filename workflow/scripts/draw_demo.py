"""Draw the synthetic demo datasets."""

from lpg.demo import draw_demo
from lpg.progress import job

with job("draw_demo", snakemake.log[0]):
    draw_demo("results/demo", seed=snakemake.params.seed)
