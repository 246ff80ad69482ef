"""Write the demo's real photographs and their boxes."""

from lpg.acquisition.photographs import write_photographs
from lpg.jobs.job import job, stamps

with job(snakemake) as work:
    write_photographs("results/demo/photographs")
    stamps.stamp(["results/demo/photographs"], work.provenance)
