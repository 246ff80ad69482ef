"""Write the segmenter of a run's last stage as a graph of ONNX."""

from lpg.graphs.export import export_onnx
from lpg.jobs.job import job

with job(snakemake) as work:
    apply = {"flip_test": snakemake.params.flip_test is True}
    export_onnx(snakemake.input.segmenter, work.path, by=work.provenance, apply=apply)
