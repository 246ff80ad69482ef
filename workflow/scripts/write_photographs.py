"""Write the demo's real photographs and their boxes."""

from lpg.acquisition.photographs import write_photographs
from lpg.jobs.job import job

with job(snakemake) as work:
    write_photographs(work.path.parent)
