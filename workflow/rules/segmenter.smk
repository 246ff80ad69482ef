# The M step: f^k learns labels^k; p^k are its scores of the classes that the boxes name, and of those that may win.


rule train_segmenter:
    input:
        classes=ask(PLAN.class_gate),
        boxes=ask(PLAN.boxes),
        labels=ask(PLAN.labels),
        start=ask(PLAN.previous_segmenter),
        initialisation=ask(PARAMETERS.segmenter_initialisation),
    output:
        paths.SEGMENTER,
    log:
        "logs/train_segmenter/{run}.stage{stage}.log",
    benchmark:
        "results/benchmarks/train_segmenter/{run}.stage{stage}.tsv"
    conda:
        "../../envs/lpg.yaml"
    threads: on_gpus("train_segmenter")
    resources:
        gpu=GPU,
    params:
        code=code_of("train_segmenter", CODES.segmenter_training),
        settings=ask(PARAMETERS.training_settings),
        flip_test=ask(PARAMETERS.flip_test, as_parameter=Unwatched),
        datasets=ask(PLAN.dataset_order, as_parameter=if_any),
        seed=ask(PARAMETERS.stage_seed),
    script:
        "../scripts/train_segmenter.py"


rule predict_scores:
    input:
        segmenter=paths.SEGMENTER,
        boxes=paths.BOXES,
    output:
        paths.PREDICTIONS,
    log:
        "logs/predict_scores/{run}.stage{stage}.{dataset}.log",
    benchmark:
        "results/benchmarks/predict_scores/{run}.stage{stage}.{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(SHARDING.whole),
    conda:
        "../../envs/lpg.yaml"
    threads: on_gpus("predict_scores")
    resources:
        gpu=GPU,
    params:
        code=code_of("predict_scores", CODES.segmenter),
        flip_test=ask(PARAMETERS.flip_test, if_any),
        everywhere=ask(SCORING.refines_scores, if_any),
    script:
        "../scripts/predict_scores.py"


rule segment_images:
    input:
        predictions=paths.PREDICTIONS,
        boxes=paths.BOXES,
    output:
        paths.SEGMENTATIONS,
    log:
        "logs/segment_images/{run}.stage{stage}.{dataset}.log",
    benchmark:
        "results/benchmarks/segment_images/{run}.stage{stage}.{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(SHARDING.whole),
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("segment_images"),
    script:
        "../scripts/segment_images.py"


rule refine_segmentations:
    input:
        predictions=ask(SCORING.whole_predictions),
        boxes=paths.BOXES,
    output:
        paths.REFINED_SEGMENTATIONS,
    log:
        "logs/refine_segmentations/{run}.stage{stage}.{dataset}.log",
    benchmark:
        "results/benchmarks/refine_segmentations/{run}.stage{stage}.{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(SHARDING.whole),
    conda:
        "../../envs/lpg.yaml"
    threads: THREADS
    params:
        code=code_of("refine_segmentations"),
        crf=ask(SCORING.segmenter_crf),
    script:
        "../scripts/refine_segmentations.py"


# On demand: for use without lpg and torch.
rule export_segmenter:
    input:
        segmenter=ask(PLAN.last_segmenter),
    output:
        paths.SEGMENTER_GRAPH,
    log:
        "logs/export_segmenter/{run}.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("export_segmenter", CODES.segmenter),
        flip_test=ask(PARAMETERS.last_flip_test, if_any),
    script:
        "../scripts/export_segmenter.py"
