"""Write the demo's real photographs and their boxes."""

from lpg.acquisition.photographs import write_photographs
from lpg.jobs.job import job

with job(snakemake):
    write_photographs("results/demo/photographs")
