"""Write the page on which a person looks at the masks of all stages, and decides."""

if __name__ == "__main__":  # the processes that cut the photographs import this file, and need nothing of it
    from pathlib import Path

    from lpg.evaluation.review import write_review
    from lpg.jobs.job import job

    with job(snakemake) as work:
        stages = snakemake.params.stages
        write_review(
            Path(work.path).parent,
            boxes=[snakemake.input.boxes],
            pseudo_masks={stage: [path] for stage, path in zip(stages, snakemake.input.pseudo_masks, strict=True)},
            quality={stage: [path] for stage, path in zip(stages, snakemake.input.quality, strict=True)},
            title=f"{snakemake.wildcards.run}, {snakemake.wildcards.dataset}",
            processes=work.processes,
        )
