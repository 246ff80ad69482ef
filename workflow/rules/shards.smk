# A large dataset: what one job would make is made by several, in shards, and gathered into the same file. Only where a
# dataset has `shards`. The rules are those of segmenter.smk and generator.smk once more, on a part of the photographs.


wildcard_constraints:
    shard=r"\d+",
    shards=r"\d+",


# `code` is that of the rule whose work is shared: how shards are gathered changes no content.
rule gather_shards:
    input:
        segmenter=given("segmenter"),
        generator=given("generator"),
        predictions=given("predictions"),
        pseudo_masks=given("pseudo_masks"),
        boxes=given("boxes"),
        decisions=given("decisions"),
        other_boxes=given("other_boxes"),
        classes=given("classes"),
        shards=ask(SHARDING.shards),
    output:
        f"{paths.ON_DATASET}/{{file}}.h5",
    log:
        "logs/gather_shards/{run}.stage{stage}.{dataset}.{file}.log",
    wildcard_constraints:
        dataset=one_of(SHARDING.shared),
        file=one_of([*MAKERS, "pseudo_masks"]),
    conda:
        "../../envs/lpg.yaml"
    params:
        code=set_to("code"),
        method=set_to("method"),
        rejected=set_to("rejected"),
        decided=set_to("decided"),
        files=set_to("files"),
        apply=set_to("apply"),
        band=set_to("band"),
        crf=set_to("crf"),
        everywhere=set_to("everywhere"),
        flip_test=set_to("flip_test"),
    script:
        "../scripts/gather_shards.py"


use rule predict_scores as predict_scores_of_shard with:
    output:
        temp(shard_of(paths.PREDICTIONS)),
    log:
        shard_of("logs/predict_scores/{run}.stage{stage}.{dataset}.log"),
    benchmark:
        shard_of("results/benchmarks/predict_scores/{run}.stage{stage}.{dataset}.tsv")
    wildcard_constraints:
        dataset=one_of(SHARDING.shared),


use rule segment_images as segment_images_of_shard with:
    output:
        temp(shard_of(paths.SEGMENTATIONS)),
    log:
        shard_of("logs/segment_images/{run}.stage{stage}.{dataset}.log"),
    benchmark:
        shard_of("results/benchmarks/segment_images/{run}.stage{stage}.{dataset}.tsv")
    wildcard_constraints:
        dataset=one_of(SHARDING.shared),


use rule refine_segmentations as refine_segmentations_of_shard with:
    output:
        temp(shard_of(paths.REFINED_SEGMENTATIONS)),
    log:
        shard_of("logs/refine_segmentations/{run}.stage{stage}.{dataset}.log"),
    benchmark:
        shard_of(
            "results/benchmarks/refine_segmentations/{run}.stage{stage}.{dataset}.tsv"
        )
    wildcard_constraints:
        dataset=one_of(SHARDING.shared),


use rule generate_pseudo_masks as generate_pseudo_masks_of_shard with:
    output:
        temp(shard_of(paths.PSEUDO_MASKS)),
    log:
        shard_of("logs/generate_pseudo_masks/{run}.stage{stage}.{dataset}.log"),
    benchmark:
        shard_of(
            "results/benchmarks/generate_pseudo_masks/{run}.stage{stage}.{dataset}.tsv"
        )
    wildcard_constraints:
        run=one_of(name for name, run in PLAN.runs.items() if run.runs_network),
        dataset=one_of(SHARDING.shared),


use rule generate_generic_masks as generate_generic_masks_of_shard with:
    output:
        temp(shard_of(paths.PSEUDO_MASKS)),
    log:
        shard_of("logs/generate_generic_masks/{run}.stage{stage}.{dataset}.log"),
    benchmark:
        shard_of(
            "results/benchmarks/generate_generic_masks/{run}.stage{stage}.{dataset}.tsv"
        )
    wildcard_constraints:
        run=one_of(name for name, run in PLAN.runs.items() if not run.runs_network),
        dataset=one_of(SHARDING.shared),


use rule refine_pseudo_masks as refine_pseudo_masks_of_shard with:
    output:
        temp(shard_of(paths.REFINED_MASKS)),
    log:
        shard_of("logs/refine_pseudo_masks/{run}.stage{stage}.{dataset}.log"),
    benchmark:
        shard_of(
            "results/benchmarks/refine_pseudo_masks/{run}.stage{stage}.{dataset}.tsv"
        )
    wildcard_constraints:
        stage=r"[1-9]\d*",
        dataset=one_of(SHARDING.shared),
