"""Train g^k."""

if __name__ == "__main__":  # the processes of several GPUs import this file, and need nothing of it
    from lpg.generators.learned.train import train_generator
    from lpg.jobs.job import job

    with job(snakemake) as work:
        train_generator(
            snakemake.params.settings | {"apply": snakemake.params.apply.value},
            boxes=snakemake.input.boxes,
            masks=snakemake.input.masks,
            predictions=snakemake.input.predictions,
            start=next(iter(snakemake.input.start), None),
            job=work,
        )
