# Pseudo masks and segmenters against ground truth: one confusion matrix per split.


rule score_stage:
    input:
        classes=paths.SCORED_CLASSES,
        truth=ask(SCORING.truth),
        labels=ask(SCORING.scored_files),
    output:
        paths.STAGE_SCORES,
    log:
        "logs/score_stage/{run}.stage{stage}.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("score_stage"),
        description=ask(SCORING.description),
    script:
        "../scripts/score_stage.py"


rule score_objects:
    input:
        classes=paths.SCORED_CLASSES,
        boxes=ask(SCORING.evaluated_boxes),
        truth=ask(SCORING.truth),
        masks=ask(SCORING.object_masks),
        quality=ask(RATING.scored_quality),
    output:
        paths.OBJECT_SCORES,
    log:
        "logs/score_objects/{run}.stage{stage}.log",
    wildcard_constraints:
        stage=r"[1-9]\d*",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("score_objects"),
    script:
        "../scripts/score_objects.py"


rule tabulate_scores:
    input:
        scores=ask(TARGETS.tabulated_scores),
    output:
        tsv=paths.SCORES_TSV,
        json=paths.SCORES_JSON,
        html=report(
            paths.SCORES_HTML,
            caption="../report/scores.rst",
            category="Scores",
        ),
    log:
        "logs/tabulate_scores.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("tabulate_scores"),
        upper_bounds=TARGETS.upper_bounds(),
        galleries=TARGETS.galleries(),
    script:
        "../scripts/tabulate_scores.py"


rule tabulate_table:
    input:
        scores=ask(TARGETS.table_scores),
        auxiliary=ask(TARGETS.table_masks),
    output:
        tsv=paths.TABLE_TSV,
        html=report(
            paths.TABLE_HTML,
            caption="../report/table.rst",
            category="Tables of the paper",
            labels={"table": "{table}"},
        ),
    log:
        "logs/tabulate_table/{table}.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("tabulate_table"),
        settings=ask(TARGETS.table_settings),
        rows=ask(TARGETS.table_rows),
    script:
        "../scripts/tabulate_table.py"
