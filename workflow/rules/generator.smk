# The E step: g^k learns masks on the auxiliary dataset, and makes labels^k on any; so do generic methods.


rule train_generator:
    input:
        boxes=ask(PLAN.boxes),
        masks=ask(PLAN.masks),
        predictions=ask(PLAN.training_predictions),
        start=ask(PLAN.previous_generator),
        initialisation=ask(PARAMETERS.generator_initialisation),
    output:
        paths.GENERATOR,
    log:
        "logs/train_generator/{run}.stage{stage}.log",
    benchmark:
        "results/benchmarks/train_generator/{run}.stage{stage}.tsv"
    priority: 1  # the longest jobs, on which every later stage waits
    conda:
        "../../envs/lpg.yaml"
    threads: on_gpus("train_generator")
    resources:
        gpu=GPU,
    params:
        code=code_of("train_generator", CODES.generator_training),
        settings=ask(PARAMETERS.generator_settings),
        apply=ask(PARAMETERS.apply, as_parameter=Unwatched),
        datasets=ask(PLAN.dataset_order, as_parameter=if_any),
        seed=ask(PARAMETERS.stage_seed),
    script:
        "../scripts/train_generator.py"


# Half the size, and nothing in it but the network and what is to be known of it.
rule ship_generator:
    input:
        generator=ask(PLAN.last_generator),
    output:
        paths.HANDED_ON,
    log:
        "logs/ship_generator/{run}.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("ship_generator"),
        apply=ask(PARAMETERS.last_apply),
    script:
        "../scripts/ship_generator.py"


# On demand: for use without lpg and torch.
rule export_generator:
    input:
        generator=ask(PLAN.last_generator),
    output:
        paths.GENERATOR_GRAPH,
    log:
        "logs/export_generator/{run}.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("export_generator", CODES.generator),
        apply=ask(PARAMETERS.last_apply),
    script:
        "../scripts/export_generator.py"


# Masks by a network, which wants the GPU.
rule generate_pseudo_masks:
    input:
        generator=ask(PLAN.generator),
        predictions=ask(PLAN.mask_predictions),
        boxes=paths.BOXES,
        decisions=ask(DECIDING.files),
        other_boxes=ask(DECIDING.other_boxes),
        classes=ask(PLAN.class_gate),
    output:
        paths.PSEUDO_MASKS,
    log:
        "logs/generate_pseudo_masks/{run}.stage{stage}.{dataset}.log",
    benchmark:
        "results/benchmarks/generate_pseudo_masks/{run}.stage{stage}.{dataset}.tsv"
    wildcard_constraints:
        run=one_of(name for name, run in PLAN.runs.items() if run.runs_network),
        dataset=one_of(SHARDING.whole),
    conda:
        "../../envs/lpg.yaml"
    threads: on_gpus("generate_pseudo_masks")
    resources:
        gpu=GPU,
    params:
        code=code_of("generate_pseudo_masks", CODES.masks),
        method=ask(PARAMETERS.method),
        rejected=ask(DECIDING.rejected, as_parameter=if_any),
        decided=ask(DECIDING.digest, as_parameter=if_any),
        decisions=ask(DECIDING.given, as_parameter=Unwatched),
        files=ask(SOURCES.generator_files, as_parameter=if_any),
        apply=ask(PARAMETERS.apply),
        band=ask(PARAMETERS.ignore_band),
    script:
        "../scripts/generate_pseudo_masks.py"


# Masks by a method without a network, whose photographs are shared among cores.
rule generate_generic_masks:
    input:
        predictions=ask(PLAN.mask_predictions),
        boxes=paths.BOXES,
        decisions=ask(DECIDING.files),
        other_boxes=ask(DECIDING.other_boxes),
        classes=ask(PLAN.class_gate),
    output:
        paths.PSEUDO_MASKS,
    log:
        "logs/generate_generic_masks/{run}.stage{stage}.{dataset}.log",
    benchmark:
        "results/benchmarks/generate_generic_masks/{run}.stage{stage}.{dataset}.tsv"
    wildcard_constraints:
        run=one_of(name for name, run in PLAN.runs.items() if not run.runs_network),
        dataset=one_of(SHARDING.whole),
    conda:
        "../../envs/lpg.yaml"
    threads: THREADS
    params:
        code=code_of("generate_generic_masks", CODES.masks),
        method=ask(PARAMETERS.method),
        rejected=ask(DECIDING.rejected, as_parameter=if_any),
        decided=ask(DECIDING.digest, as_parameter=if_any),
        decisions=ask(DECIDING.given, as_parameter=Unwatched),
        files=ask(SOURCES.generator_files, as_parameter=if_any),
        band=ask(PARAMETERS.ignore_band),
    script:
        "../scripts/generate_generic_masks.py"


rule refine_pseudo_masks:
    input:
        pseudo_masks=ask(PLAN.pseudo_masks),
        boxes=paths.BOXES,
    output:
        paths.REFINED_MASKS,
    log:
        "logs/refine_pseudo_masks/{run}.stage{stage}.{dataset}.log",
    benchmark:
        "results/benchmarks/refine_pseudo_masks/{run}.stage{stage}.{dataset}.tsv"
    wildcard_constraints:
        stage=r"[1-9]\d*",
        dataset=one_of(SHARDING.whole),
    conda:
        "../../envs/lpg.yaml"
    threads: THREADS
    params:
        code=code_of("refine_pseudo_masks"),
        crf=MASKS_CRF,
    script:
        "../scripts/refine_pseudo_masks.py"


rule export_pseudo_masks:
    input:
        pseudo_masks=ask(PLAN.final_masks),
    output:
        directory(paths.EXPORTED_MASKS),
    log:
        "logs/export_pseudo_masks/{run}.stage{stage}.{dataset}.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("export_pseudo_masks"),
    script:
        "../scripts/export_pseudo_masks.py"
