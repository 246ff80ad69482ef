"""Draw the synthetic demo datasets."""

from lpg.acquisition.demo import draw_demo
from lpg.jobs.job import job

with job(snakemake) as work:
    draw_demo("results/demo", seed=work.seed)
