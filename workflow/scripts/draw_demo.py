"""Draw the synthetic demo datasets."""

from lpg.acquisition.demo import draw_demo
from lpg.jobs.job import job, stamps

with job(snakemake) as work:
    draw_demo("results/demo", seed=work.seed)
    stamps.stamp(["results/demo/auxiliary", "results/demo/target"], work.provenance)
