"""One table of all scores."""

from lpg.progress import job
from lpg.scores import tabulate_scores

with job("tabulate_scores", snakemake.log[0]):
    tabulate_scores(
        snakemake.input.scores,
        upper_bounds=snakemake.params.upper_bounds,
        tsv=snakemake.output.tsv,
        json_path=snakemake.output.json,
        html=snakemake.output.html,
    )
