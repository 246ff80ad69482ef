# Annotations of any layout become box maps and ground truth masks.


rule draw_demo:
    output:
        annotations="results/demo/auxiliary/annotations/instances.json",
        train="results/demo/target/ImageSets/Segmentation/train.txt",
        val="results/demo/target/ImageSets/Segmentation/val.txt",
    log:
        "logs/draw_demo.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("draw_demo"),
        seed=config["seed"],
    script:
        "../scripts/draw_demo.py"


rule extract_boxes:
    input:
        annotations=annotation_files,
    output:
        "results/datasets/{dataset}/boxes.h5",
    log:
        "logs/extract_boxes/{dataset}.log",
    conda:
        "../../envs/lpg.yaml"
    threads: 2
    params:
        code=code_of("extract_boxes"),
        settings=dataset_settings,
        seed=config["seed"],
        skip_unreadable=config["skip_unreadable"],
        clip_boxes=config["clip_boxes"],
    script:
        "../scripts/extract_boxes.py"


rule extract_masks:
    input:
        annotations=annotation_files,
        boxes="results/datasets/{dataset}/boxes.h5",
    output:
        "results/datasets/{dataset}/masks.h5",
    log:
        "logs/extract_masks/{dataset}.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("extract_masks"),
        settings=dataset_settings,
        skip_unreadable=config["skip_unreadable"],
    script:
        "../scripts/extract_masks.py"


rule check_classes:
    input:
        boxes=run_boxes,
        auxiliary=teacher_boxes,
        generator=generator_file,
        evaluated=evaluated_boxes,
    output:
        "results/{run}/classes.json",
    log:
        "logs/check_classes/{run}.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("check_classes"),
        allowed=config["allow_shared_classes"],
    script:
        "../scripts/check_classes.py"


rule choose_masks:
    input:
        boxes=run_boxes,
        annotations=run_annotations,
        images=masked_images,
    output:
        "results/{run}/own_masks.h5",
    log:
        "logs/choose_masks/{run}.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("choose_masks"),
        settings=run_settings,
    script:
        "../scripts/choose_masks.py"
