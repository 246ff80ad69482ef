# The E step: g^k learns masks on the auxiliary dataset, and makes labels^k on any.


rule train_generator:
    input:
        boxes=run_boxes,
        masks=run_masks,
        predictions=generator_predictions,
        start=previous_generator,
        initialisation=generator_initialisation,
    output:
        "results/{run}/stage{stage}/generator.pt",
    log:
        "logs/train_generator/{run}.stage{stage}.log",
    benchmark:
        "results/benchmarks/train_generator/{run}.stage{stage}.tsv"
    priority: 1  # the longest jobs, on which every later stage waits
    conda:
        "../../envs/lpg.yaml"
    threads: THREADS
    resources:
        gpu=GPU,
    params:
        code=code_of("train_generator"),
        settings=generator_settings,
        seed=run_seed,
    script:
        "../scripts/train_generator.py"


rule generate_pseudo_masks:
    input:
        generator=stage_generator,
        predictions=generator_predictions,
        boxes=run_boxes,
        classes=class_table,
    output:
        "results/{run}/stage{stage}/pseudo_masks.h5",
    log:
        "logs/generate_pseudo_masks/{run}.stage{stage}.log",
    benchmark:
        "results/benchmarks/generate_pseudo_masks/{run}.stage{stage}.tsv"
    conda:
        "../../envs/lpg.yaml"
    threads: THREADS
    resources:
        gpu=generator_gpu,
    params:
        code=generator_code,
        method=generator_method,
        settings=generator_test_settings,
        network=generator_network,
    script:
        "../scripts/generate_pseudo_masks.py"


use rule generate_pseudo_masks as generate_pseudo_masks_elsewhere with:
    input:
        generator=stage_generator,
        predictions=generator_predictions,
        boxes=dataset_boxes,
        classes=class_table,
    output:
        "results/{run}/stage{stage}/{dataset}/pseudo_masks.h5",
    log:
        "logs/generate_pseudo_masks/{run}.stage{stage}.{dataset}.log",
    benchmark:
        "results/benchmarks/generate_pseudo_masks/{run}.stage{stage}.{dataset}.tsv"


rule refine_pseudo_masks:
    input:
        pseudo_masks=dataset_pseudo_masks,
        boxes=dataset_boxes,
    output:
        "results/{run}/stage{stage}/{dataset}/pseudo_masks_crf.h5",
    log:
        "logs/refine_pseudo_masks/{run}.stage{stage}.{dataset}.log",
    benchmark:
        "results/benchmarks/refine_pseudo_masks/{run}.stage{stage}.{dataset}.tsv"
    conda:
        "../../envs/lpg.yaml"
    threads: THREADS
    params:
        code=code_of("refine_pseudo_masks"),
    script:
        "../scripts/refine_pseudo_masks.py"


rule export_pseudo_masks:
    input:
        pseudo_masks=final_masks,
    output:
        directory("results/{run}/stage{stage}/pseudo_masks"),
    log:
        "logs/export_pseudo_masks/{run}.stage{stage}.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("export_pseudo_masks"),
    script:
        "../scripts/export_pseudo_masks.py"
