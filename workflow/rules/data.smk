# Annotations of any layout become box maps and ground truth masks. Checks come first, before anything is trained.


rule draw_demo:
    output:
        annotations=paths.DEMO_ANNOTATIONS,
        train=f"{paths.DEMO_LISTS}/train.txt",
        val=f"{paths.DEMO_LISTS}/val.txt",
    log:
        "logs/draw_demo.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("draw_demo"),
        seed=CONFIG.seed,
    script:
        "../scripts/draw_demo.py"


rule write_photographs:
    output:
        paths.DEMO_PHOTOGRAPHS,
    log:
        "logs/write_photographs.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("write_photographs"),
    script:
        "../scripts/write_photographs.py"


rule extract_boxes:
    input:
        annotations=ask(SOURCES.listing),
    output:
        paths.BOXES,
    log:
        "logs/extract_boxes/{dataset}.log",
    priority: 10
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("extract_boxes", CODES.formats),
        settings=ask(SOURCES.settings),
        annotations=ask(SOURCES.annotations),
        seed=ask(SOURCES.seed),
        allow=ask(SOURCES.permissions, as_parameter=Unwatched),
    script:
        "../scripts/extract_boxes.py"


rule extract_masks:
    input:
        annotations=ask(SOURCES.listing),
        boxes=paths.BOXES,
    output:
        paths.MASKS,
    log:
        "logs/extract_masks/{dataset}.log",
    priority: 10
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("extract_masks", CODES.formats),
        settings=ask(SOURCES.settings),
        allow=ask(SOURCES.permissions, as_parameter=Unwatched),
    script:
        "../scripts/extract_masks.py"


# What wakes it wakes the masks and trainings behind it too, so permissions do not, nor its code; it is cheap to pass.
rule check_classes:
    input:
        boxes=ask(PLAN.boxes),
        auxiliary=ask(PLAN.teacher_boxes),
        generator=ask(PLAN.finished_generator),
    output:
        paths.CLASSES,
    log:
        "logs/check_classes/{run}.log",
    priority: 10
    conda:
        "../../envs/lpg.yaml"
    params:
        datasets=ask(PLAN.dataset_order, as_parameter=if_any),
        allowed=ask(PLAN.allowed, as_parameter=Unwatched),
        shares=ask(PLAN.shares_classes, as_parameter=Unwatched),
        only_masks=ask(PLAN.only_masks, as_parameter=if_any),  # where a segmenter comes, classes are looked at again
    script:
        "../scripts/check_classes.py"


# Before anything is scored: also whether permissions are those that scores want.
rule check_scored_classes:
    input:
        boxes=ask(PLAN.boxes),
        auxiliary=ask(PLAN.teacher_boxes),
        generator=ask(PLAN.finished_generator),
        evaluated=ask(SCORING.evaluated_boxes),
    output:
        paths.SCORED_CLASSES,
    log:
        "logs/check_scored_classes/{run}.log",
    priority: 10
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("check_scored_classes"),
        learned=ask(PLAN.learned_boxes, as_parameter=Unwatched),
        datasets=ask(PLAN.dataset_order, as_parameter=if_any),
        allowed=ask(PLAN.allowed),
        shares=ask(PLAN.shares_classes),
    script:
        "../scripts/check_scored_classes.py"


rule choose_masks:
    input:
        boxes=ask(PLAN.boxes),
        annotations=ask(SOURCES.run_listing),
        images=ask(SOURCES.own_masks),
    output:
        paths.OWN_MASKS,
    log:
        "logs/choose_masks/{run}.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("choose_masks", CODES.run_formats),
        settings=ask(SOURCES.run_settings),
        annotations=ask(SOURCES.run_annotations),
    script:
        "../scripts/choose_masks.py"
