"""Train f^k."""

if __name__ == "__main__":  # the processes of several GPUs import this file, and need nothing of it
    from lpg.jobs.job import job
    from lpg.segmenter.train import train_segmenter

    with job(snakemake) as work:
        train_segmenter(
            snakemake.params.settings | {"flip_test": snakemake.params.flip_test.value},
            boxes=snakemake.input.boxes,
            labels=snakemake.input.labels,
            start=next(iter(snakemake.input.start), None),
            job=work,
        )
