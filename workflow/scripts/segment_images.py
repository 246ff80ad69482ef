"""Write the segmentations of f^k."""

from lpg.machine import choose_machine
from lpg.progress import job
from lpg.provenance import describe
from lpg.segmenter import segment_images

with job(f"segment_images {snakemake.output[0]}", snakemake.log[0]):
    segment_images(
        segmenter=snakemake.input.segmenter,
        boxes=snakemake.input.boxes,
        path=snakemake.output[0],
        device=choose_machine(snakemake.resources.gpu, snakemake.threads).device,
        provenance=describe(rule=snakemake.rule, settings={}, code=snakemake.params.code, inputs=list(snakemake.input)),
    )
