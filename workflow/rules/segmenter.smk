# The M step: f^k learns labels^k; p^k are its scores of the classes that the boxes name.


rule train_segmenter:
    input:
        classes=class_table,
        boxes=run_boxes,
        labels=run_labels,
        start=previous_segmenter,
        initialisation=segmenter_initialisation,
    output:
        "results/{run}/stage{stage}/segmenter.pt",
    log:
        "logs/train_segmenter/{run}.stage{stage}.log",
    benchmark:
        "results/benchmarks/train_segmenter/{run}.stage{stage}.tsv"
    conda:
        "../../envs/lpg.yaml"
    threads: THREADS
    resources:
        gpu=GPU,
    params:
        code=code_of("train_segmenter"),
        settings=segmenter_settings,
        seed=run_seed,
    script:
        "../scripts/train_segmenter.py"


rule predict_scores:
    input:
        segmenter=own_segmenter,
        boxes=run_boxes,
    output:
        "results/{run}/stage{stage}/predictions.h5",
    log:
        "logs/predict_scores/{run}.stage{stage}.log",
    benchmark:
        "results/benchmarks/predict_scores/{run}.stage{stage}.tsv"
    conda:
        "../../envs/lpg.yaml"
    threads: THREADS
    resources:
        gpu=GPU,
    params:
        code=code_of("predict_scores"),
    script:
        "../scripts/predict_scores.py"


use rule predict_scores as predict_scores_elsewhere with:
    input:
        segmenter=own_segmenter,
        boxes=dataset_boxes,
    output:
        "results/{run}/stage{stage}/{dataset}/predictions.h5",
    log:
        "logs/predict_scores/{run}.stage{stage}.{dataset}.log",
    benchmark:
        "results/benchmarks/predict_scores/{run}.stage{stage}.{dataset}.tsv"


rule segment_images:
    input:
        segmenter=own_segmenter,
        boxes=dataset_boxes,
    output:
        "results/{run}/stage{stage}/{dataset}/segmentations.h5",
    log:
        "logs/segment_images/{run}.stage{stage}.{dataset}.log",
    benchmark:
        "results/benchmarks/segment_images/{run}.stage{stage}.{dataset}.tsv"
    conda:
        "../../envs/lpg.yaml"
    threads: THREADS
    resources:
        gpu=GPU,
    params:
        code=code_of("segment_images"),
    script:
        "../scripts/segment_images.py"


rule refine_segmentations:
    input:
        segmenter=own_segmenter,
        boxes=dataset_boxes,
    output:
        "results/{run}/stage{stage}/{dataset}/segmentations_crf.h5",
    log:
        "logs/refine_segmentations/{run}.stage{stage}.{dataset}.log",
    benchmark:
        "results/benchmarks/refine_segmentations/{run}.stage{stage}.{dataset}.tsv"
    conda:
        "../../envs/lpg.yaml"
    threads: THREADS
    resources:
        gpu=GPU,
    params:
        code=code_of("refine_segmentations"),
    script:
        "../scripts/refine_segmentations.py"
