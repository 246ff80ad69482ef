"""One table of all scores."""

from lpg.evaluation.scores import tabulate_scores
from lpg.jobs.job import job

with job(snakemake):
    tabulate_scores(
        snakemake.input.scores,
        upper_bounds=snakemake.params.upper_bounds,
        galleries=snakemake.params.galleries,
        tsv=snakemake.output.tsv,
        json_path=snakemake.output.json,
        html=snakemake.output.html,
    )
