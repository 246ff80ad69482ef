"""Write where every file of a run comes from."""

from lpg.files.crate import write_crate
from lpg.jobs.job import job

with job(snakemake) as work:
    write_crate(
        snakemake.input.files,
        snakemake.params.configuration.value,
        path=work.path,
        made_by=work.provenance,
    )
