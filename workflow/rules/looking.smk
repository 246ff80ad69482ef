# What a person looks at.


rule draw_gallery:
    input:
        boxes=gallery_boxes,
        truth=gallery_masks,
        pseudo_masks=gallery_pseudo_masks,
        segmentations=gallery_segmentations,
    output:
        report(
            "results/{run}/stage{stage}/gallery.png",
            caption="../report/gallery.rst",
            category="Galleries",
            labels={"run": "{run}", "stage": "{stage}"},
        ),
    log:
        "logs/draw_gallery/{run}.stage{stage}.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("draw_gallery"),
        refined=gallery_refined,
        images=config["gallery"]["images"],
        seed=config["seed"],
    script:
        "../scripts/draw_gallery.py"


rule plot_losses:
    input:
        checkpoints=run_checkpoints,
    output:
        report(
            "results/{run}/losses.png",
            caption="../report/losses.rst",
            category="Training",
            labels={"run": "{run}"},
        ),
    log:
        "logs/plot_losses/{run}.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("plot_losses"),
    script:
        "../scripts/plot_losses.py"


rule plot_scores:
    input:
        scores="results/scores.json",
    output:
        report(
            "results/scores.png",
            caption="../report/scores_plot.rst",
            category="Scores",
        ),
    log:
        "logs/plot_scores.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("plot_scores"),
    script:
        "../scripts/plot_scores.py"
