# What a person looks at.


rule draw_gallery:
    input:
        boxes=ask(TARGETS.gallery_boxes),
        truth=ask(TARGETS.gallery_truth),
        pseudo_masks=ask(TARGETS.gallery_masks),
        segmentations=ask(TARGETS.gallery_segmentations),
        segmenter=ask(TARGETS.gallery_segmenter),
        quality=ask(TARGETS.gallery_quality),
    output:
        sheet=report(
            paths.GALLERY,
            caption="../report/gallery.rst",
            category="Pictures",
            labels={"run": "{run}", "stage": "{stage}"},
        ),
        pages=directory(paths.GALLERY_PAGES),
    log:
        "logs/draw_gallery/{run}.stage{stage}.log",
    wildcard_constraints:
        stage=r"[1-9]\d*",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("draw_gallery", CODES.gallery),
        flip_test=ask(PARAMETERS.flip_test, if_any),
        refined=ask(TARGETS.gallery_refined),
        images=CONFIG.gallery.images,
        worst=CONFIG.gallery.worst,
        seed=CONFIG.seed,
    script:
        "../scripts/draw_gallery.py"


# Its other files are not named: what a person saves beside them stays.
rule review_masks:
    input:
        boxes=paths.BOXES,
        pseudo_masks=ask(TARGETS.reviewed_masks),
        quality=ask(TARGETS.reviewed_quality),
    output:
        paths.REVIEW,
    log:
        "logs/review_masks/{run}.stage{stage}.{dataset}.log",
    wildcard_constraints:
        stage=r"[1-9]\d*",
    conda:
        "../../envs/lpg.yaml"
    threads: THREADS
    params:
        code=code_of("review_masks"),
        stages=ask(TARGETS.reviewed_stages),
    script:
        "../scripts/review_masks.py"


# Where everything comes from. It says the configuration, and is not made again for what changes no file.
rule record_provenance:
    input:
        files=TARGETS.everything(),
    output:
        paths.CRATE,
    log:
        "logs/record_provenance.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("record_provenance"),
        configuration=Unwatched(CONFIG.model_dump(mode="json", by_alias=True)),
    script:
        "../scripts/record_provenance.py"


rule plot_losses:
    input:
        checkpoints=ask(TARGETS.checkpoints),
    output:
        report(
            paths.LOSSES,
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
        scores=paths.SCORES_JSON,
    output:
        report(
            paths.SCORES_PNG,
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
