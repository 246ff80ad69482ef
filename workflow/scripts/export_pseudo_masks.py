"""Write label maps as PNG in VOC's colours."""

from lpg.jobs.job import job
from lpg.pseudo_masks.export import export_pseudo_masks

with job(snakemake) as work:
    export_pseudo_masks([snakemake.input.pseudo_masks], work.path, work.provenance)
