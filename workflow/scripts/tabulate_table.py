"""One table of the paper, with our rows."""

from lpg.evaluation.tables import tabulate_table
from lpg.jobs.job import job

with job(snakemake):
    tabulate_table(
        snakemake.wildcards.table,
        **snakemake.params.settings,
        rows=snakemake.params.rows,
        tsv=snakemake.output.tsv,
        html=snakemake.output.html,
    )
