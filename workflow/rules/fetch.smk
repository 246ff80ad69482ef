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
        train="data/coco/annotations/instances_train2017.json",
        val="data/coco/annotations/instances_val2017.json",
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
        train="data/voc2012/ImageSets/Segmentation/train.txt",
        val="data/voc2012/ImageSets/Segmentation/val.txt",
        train_aug="data/voc2012/ImageSets/Segmentation/train_aug.txt",
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
        "data/weights/{weights}.pth",
    log:
        "logs/fetch_weights/{weights}.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        sources=CONFIG.sources,
    script:
        "../scripts/fetch_weights.py"
