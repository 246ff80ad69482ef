# How good masks are where no ground truth is; how right that is, where there is one. All of it on demand.


rule rate_pseudo_masks:
    input:
        pseudo_masks=ask(PLAN.pseudo_masks),
        previous=ask(RATING.previous_masks),
        calibration=ask(RATING.calibration),
        boxes=paths.BOXES,
    output:
        paths.QUALITY,
    log:
        "logs/rate_pseudo_masks/{run}.stage{stage}.{dataset}.log",
    benchmark:
        "results/benchmarks/rate_pseudo_masks/{run}.stage{stage}.{dataset}.tsv"
    wildcard_constraints:
        stage=r"[1-9]\d*",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("rate_pseudo_masks"),
    script:
        "../scripts/rate_pseudo_masks.py"


# Of a generator, on masks that it has not learned from.
rule calibrate_generator:
    input:
        boxes=ask(RATING.calibration_boxes),
        truth=ask(RATING.calibration_truth),
        masks=ask(RATING.calibration_masks),
        generator=ask(PLAN.generator),
    output:
        paths.CALIBRATION,
    log:
        "logs/calibrate_generator/{run}.stage{stage}.log",
    wildcard_constraints:
        stage=r"[1-9]\d*",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("calibrate_generator"),
    script:
        "../scripts/calibrate_generator.py"


rule score_risk:
    input:
        quality=ask(RATING.scored_quality),
        boxes=ask(SCORING.evaluated_boxes),
        truth=ask(SCORING.truth),
        masks=ask(RATING.scored_masks),
        calibration=ask(RATING.calibration),
    output:
        scores=paths.RISK_SCORES,
        picture=paths.RELIABILITY,
    log:
        "logs/score_risk/{run}.stage{stage}.log",
    wildcard_constraints:
        stage=r"[1-9]\d*",
    conda:
        "../../envs/lpg.yaml"
    params:
        code=code_of("score_risk"),
    script:
        "../scripts/score_risk.py"
