"""Write labels^k by a network: a trained generator, or a method that runs one."""

from lpg.generators.opening import open_learned, open_method
from lpg.jobs.job import job
from lpg.pseudo_masks.generate import generate_pseudo_masks

with job(snakemake) as work:
    method, device = snakemake.params.method, work.machine.device
    if method:
        generator = open_method(**method).to(device)
    else:
        generator = open_learned(snakemake.input.generator[0], device, snakemake.params.apply)
    generate_pseudo_masks(
        generator,
        boxes=[snakemake.input.boxes],
        predictions=snakemake.input.predictions,
        decisions=snakemake.params.decisions.value,
        rejected=snakemake.params.rejected,
        other_boxes=snakemake.input.other_boxes,
        band=snakemake.params.band,
        job=work,
    )
