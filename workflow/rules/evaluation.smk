# Pseudo masks and segmenters against ground truth: one confusion matrix per split.


rule score_stage:
    input:
        truth=evaluated_masks,
        masks=scored_masks,
        segmentations=scored_segmentations,
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
        all_scores,
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
