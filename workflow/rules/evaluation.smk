# Pseudo masks and segmenters against ground truth: one confusion matrix per split.


rule score_stage:
    input:
        truth=evaluated_masks,
        labels=scored_labels,
    output:
        "results/{run}/stage{stage}/scores.json",
    log:
        "logs/score_stage/{run}.stage{stage}.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("score_stage"),
        description=score_description,
    script:
        "../scripts/score_stage.py"


rule tabulate_scores:
    input:
        scores=all_scores,
    output:
        tsv="results/scores.tsv",
        json="results/scores.json",
        html=report(
            "results/scores.html",
            caption="../report/scores.rst",
            category="Scores",
        ),
    log:
        "logs/tabulate_scores.log",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("tabulate_scores"),
        upper_bounds=upper_bounds,
    script:
        "../scripts/tabulate_scores.py"


rule tabulate_table:
    input:
        scores=table_scores,
        auxiliary=table_boxes,
    output:
        tsv="results/tables/{table}.tsv",
        html=report(
            "results/tables/{table}.html",
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
        settings=table_settings,
        rows=table_rows,
    script:
        "../scripts/tabulate_table.py"
