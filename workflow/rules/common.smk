# Validation, wildcard constraints and named input functions. No rules.

import sys
from pathlib import Path

from lpg.configuration import check_configuration
from lpg.errors import InputError
from lpg.failures import last_words
from lpg.generators.registry import METHODS
from lpg.gpu import has_gpu
from lpg.plan import Plan
from lpg.plan_check import check_plan
from lpg.provenance import code_digest
from lpg.repeated_keys import refuse_repeated_keys

HOME = Path(workflow.basedir)
# Cores are unknown where a cluster counts jobs, and to --unlock. With a GPU, jobs that run a network take turns on it.
# On CPUs two jobs share the cores: half of a job is reading and augmenting.
CORES = workflow.resource_settings.cores or 16
GPU = int(has_gpu())
THREADS = CORES if GPU else -(-CORES // 2)

try:
    refuse_repeated_keys(workflow.configfiles)
    config = check_configuration(config, HOME / "workflow/schemas/config.schema.json")
    PLAN = Plan(config)
    check_plan(PLAN)
except InputError as error:
    sys.exit(f"Configuration: {error}")


wildcard_constraints:
    run="|".join(map(re.escape, config["runs"])),
    dataset="|".join(map(re.escape, config["datasets"])),
    stage=r"\d+",
    table="|".join(map(re.escape, config["tables"])),


def code_of(script):
    """The digest that reruns a rule when the code it reaches has changed."""
    return code_digest(HOME / f"workflow/scripts/{script}.py")


# datasets


def annotation_files(wildcards):
    return config["datasets"][wildcards.dataset]["annotation_files"]


def dataset_settings(wildcards):
    return config["datasets"][wildcards.dataset]["settings"]


def dataset_boxes(wildcards):
    return [PLAN.dataset_file(wildcards.dataset, "boxes.h5")]


# the recursion


def stage_of(wildcards):
    return int(wildcards.stage)


def run_boxes(wildcards):
    return PLAN.boxes(wildcards.run)


def run_annotations(wildcards):
    datasets = [config["datasets"][name] for name in PLAN.datasets(wildcards.run)]
    return [path for dataset in datasets for path in dataset["annotation_files"]]


def run_settings(wildcards):
    datasets = PLAN.datasets(wildcards.run)
    return {dataset: config["datasets"][dataset]["settings"] for dataset in datasets}


def run_masks(wildcards):
    return PLAN.masks(wildcards.run)


def run_labels(wildcards):
    return PLAN.labels(wildcards.run, stage_of(wildcards))


def masked_images(wildcards):
    return PLAN.masked_images(wildcards.run)


def class_table(wildcards):
    return f"results/{wildcards.run}/classes.json"


def teacher_boxes(wildcards):
    teacher = PLAN.teacher(wildcards.run)
    return PLAN.boxes(teacher) if teacher else []


def evaluated_boxes(wildcards):
    return [
        PLAN.dataset_file(dataset, "boxes.h5")
        for dataset in PLAN.evaluated(wildcards.run)
    ]


def generator_file(wildcards):
    return PLAN.generator_file(wildcards.run)


def segmenter_initialisation(wildcards):
    return PLAN.segmenter_initialisation(wildcards.run, stage_of(wildcards))


def generator_initialisation(wildcards):
    return PLAN.generator_initialisation(wildcards.run, stage_of(wildcards))


def previous_segmenter(wildcards):
    return PLAN.segmenter_start(wildcards.run, stage_of(wildcards))


def previous_generator(wildcards):
    return PLAN.generator_start(wildcards.run, stage_of(wildcards))


def own_segmenter(wildcards):
    return PLAN.path("segmenter", wildcards.run, stage_of(wildcards))


def final_masks(wildcards):
    return PLAN.final_masks(wildcards.run, stage_of(wildcards))


def stage_generator(wildcards):
    return PLAN.generator(wildcards.run, stage_of(wildcards))


def generator_predictions(wildcards):
    return PLAN.generator_predictions(
        wildcards.run, stage_of(wildcards), wildcards.get("dataset")
    )


def segmenter_settings(wildcards):
    return PLAN.segmenter_settings(wildcards.run, stage_of(wildcards))


def generator_settings(wildcards):
    return PLAN.generator_settings(wildcards.run, stage_of(wildcards))


def generator_method(wildcards):
    return PLAN.method(wildcards.run)


def generator_test_settings(wildcards):
    return PLAN.test_settings(wildcards.run)


def generator_network(wildcards):
    return PLAN.runs_network(wildcards.run)


def generator_gpu(wildcards):
    return GPU if generator_network(wildcards) else 0


def generator_code(wildcards):
    """As `code_of`; masks of a method depend on its module alone, beside the script."""
    method = PLAN.method(wildcards.run)
    code = code_of("generate_pseudo_masks")
    return code + code_digest(METHODS[method["method"]].path) if method else code


def run_seed(wildcards):
    """Another seed for every stage, so that no stage sees the batches of the one before."""
    return config["seed"] * 1000 + stage_of(wildcards)


# evaluation


def scored_labels(wildcards):
    rows = PLAN.scored(wildcards.run, stage_of(wildcards))
    return [row["path"] for row in rows]


def dataset_pseudo_masks(wildcards):
    return PLAN.pseudo_masks(wildcards.run, stage_of(wildcards), wildcards.dataset)


def evaluated_masks(wildcards):
    return [
        PLAN.dataset_file(dataset, "masks.h5")
        for dataset in PLAN.evaluated(wildcards.run)
    ]


def score_description(wildcards):
    """What a row of the table says about itself."""
    run, stage = wildcards.run, stage_of(wildcards)
    trained = PLAN.trains_segmenter(run)
    settings = PLAN.segmenter_settings(run, stage) if trained else None
    return {
        "run": run,
        "stage": stage,
        "supervision": PLAN.supervision(run),
        "segmenter": settings and settings["architecture"],
        "initialisation": settings and settings.get("initialisation", "imagenet"),
        "generator": PLAN.generator_name(run),
        "scored": PLAN.scored(run, stage),
        "truth_of": PLAN.evaluated(run),
        "trained_on": PLAN.datasets(run),
    }


def all_scores(wildcards):
    return [
        PLAN.stage_file(run, stage, "scores.json")
        for run, stage in PLAN.scored_stages()
    ]


def table_settings(wildcards):
    return PLAN.tables()[wildcards.table]


def table_rows(wildcards):
    return PLAN.table_rows(wildcards.table)


def table_scores(wildcards):
    return [path for row in table_rows(wildcards) for path in row["scores"]]


def table_boxes(wildcards):
    return [path for row in table_rows(wildcards) for path in row["auxiliary"]]


def upper_bounds(wildcards):
    return {run: PLAN.upper_bound(run) for run in config["runs"]}


# looking


def gallery_boxes(wildcards):
    return PLAN.dataset_file(PLAN.gallery_dataset(wildcards.run), "boxes.h5")


def gallery_masks(wildcards):
    return evaluated_masks(wildcards)[:1]


def gallery_pseudo_masks(wildcards):
    dataset = PLAN.gallery_dataset(wildcards.run)
    return [
        PLAN.final_masks_on(wildcards.run, stage, dataset)
        for stage in range(1, stage_of(wildcards) + 1)
    ]


def gallery_refined(wildcards):
    return PLAN.refines_labels(wildcards.run)


def gallery_segmentations(wildcards):
    plain = PLAN.scored_segmentations(wildcards.run, stage_of(wildcards))
    return list(plain.values())[:1]


def run_checkpoints(wildcards):
    return PLAN.checkpoints(wildcards.run)


# targets


def trained_runs():
    return filter(PLAN.trains_segmenter, PLAN.products())


def all_segmenters():
    return [PLAN.path("segmenter", run, PLAN.stages(run)) for run in trained_runs()]


def all_exports():
    return [
        PLAN.stage_file(run, stage, "pseudo_masks")
        for run, stage in PLAN.masked_stages()
    ]


def all_galleries():
    return [
        PLAN.stage_file(run, stage, "gallery.png")
        for run, stage in PLAN.masked_stages()
    ]


def all_losses():
    return [f"results/{run}/losses.png" for run in trained_runs()]


def all_tables():
    return ["results/scores.html", "results/scores.png"] if PLAN.scored_stages() else []


def all_paper_tables(wildcards):
    if not PLAN.tables():
        sys.exit(
            "Configuration: there are no tables in it; lay one of config/tables/ over it, as docs/tables.md says"
        )
    return [f"results/tables/{table}.html" for table in PLAN.tables()]
