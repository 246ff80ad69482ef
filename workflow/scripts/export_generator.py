"""Write the generator of a run's last stage as a graph of ONNX."""

from lpg.graphs.export import export_onnx
from lpg.jobs.job import job

with job(snakemake) as work:
    export_onnx(snakemake.input.generator[0], work.path, by=work.provenance, apply=snakemake.params.apply)
