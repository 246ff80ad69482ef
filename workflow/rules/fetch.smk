# Data and weights of the paper's scale, from the network. What is there already is never fetched.
#
# Archives and photographs are no outputs, and whoever asks for outputs anew (`-R`) has them unpacked, not fetched again:
# 20 GB need not come twice. `code` is no parameter for the same reason: a checksum says whether the result is right.


localrules:
    fetch_coco,
    fetch_voc,
    fetch_weights,


rule fetch_coco:
    output:
        train=paths.COCO_TRAIN,
        val=paths.COCO_VAL,
    log:
        "logs/fetch_coco.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        sources=CONFIG.sources,
    script:
        "../scripts/fetch_coco.py"


rule fetch_voc:
    output:
        train=paths.VOC_TRAIN,
        val=paths.VOC_VAL,
        train_aug=paths.VOC_TRAIN_AUG,
    log:
        "logs/fetch_voc.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        sources=CONFIG.sources,
    script:
        "../scripts/fetch_voc.py"


rule fetch_weights:
    output:
        f"{paths.WEIGHTS}/{{weights}}.pth",
    log:
        "logs/fetch_weights/{weights}.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        sources=CONFIG.sources,
    script:
        "../scripts/fetch_weights.py"
