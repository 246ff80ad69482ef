"""Write label maps as PNG in VOC's colours."""

from lpg.progress import job
from lpg.pseudo_masks import export_pseudo_masks

with job(f"export_pseudo_masks {snakemake.output[0]}", snakemake.log[0]):
    export_pseudo_masks(pseudo_masks=snakemake.input.pseudo_masks, folder=snakemake.output[0])
