"""Names in a configuration that lead nowhere, and runs that cannot be: refused before anything runs."""

from collections.abc import Iterable
from pathlib import Path

from lpg.configuration import made_here
from lpg.errors import InputError
from lpg.generators.registry import check_method, options_of
from lpg.plan import Plan
from lpg.recipes import GENERATORS, SEGMENTERS

RESERVED = ("datasets", "demo", "benchmarks", "tables")  # folders of results/ that are no run's


def check_plan(plan: Plan) -> None:
    """Refuse a configuration that has a run or a table which cannot be made.

    Raises:
        InputError: says which run or table, and what is missing.
    """
    for run in plan.config["runs"]:
        for check in (_check_names, _check_supervision, _check_segmenter, _check_method, _check_files, _check_crf):
            check(plan, f"runs.{run}", run)
    for run in plan.config["runs"]:  # once every teacher has passed
        _check_teacher(plan, f"runs.{run}", run)
    for table, settings in plan.tables().items():
        _check_table(plan, f"tables.{table}", settings)


def _check_names(plan: Plan, where: str, run: str) -> None:
    if run in RESERVED:
        raise InputError(f"{where}: a run cannot be called '{run}', for results/{run} is taken; rename it")
    datasets = plan.config["datasets"]
    for dataset in [*plan.datasets(run), *plan.evaluated(run)]:
        if dataset not in datasets:
            raise InputError(f"{where}: there is no dataset '{dataset}'; datasets has {_names(datasets)}")
    if plan.trains_segmenter(run):
        _check_recipe(plan, where, "segmenters", plan.run(run)["segmenter"], SEGMENTERS)
    if plan.learns(run):
        _check_recipe(plan, where, "generators", plan.run(run)["generator"]["learn"], GENERATORS)


def _check_recipe(plan: Plan, where: str, section: str, name: str, architectures: dict) -> None:
    named = plan.config.get(section, {})
    if name not in named and name not in architectures:
        known = _names([*named, *architectures])
        raise InputError(f"{where}: '{name}' is neither in {section} nor an architecture; known are {known}")
    recipe = named.get(name, {})
    architecture = recipe.get("architecture", name)
    if architecture not in architectures:
        raise InputError(f"{section}.{name}: add architecture, which is one of {_names(architectures)}")
    if recipe.get("initialisation", "none") != "none" and architecture == "hourglass":
        raise InputError(f"{section}.{name}: hourglass has no trunk to start from; write initialisation: none")
    if recipe.get("masking") and architecture == "lraspp":
        raise InputError(f"{section}.{name}: lraspp has no single feature map for masking; take another architecture")
    for settings in (recipe, *recipe.get("stages", [])):
        _check_ranges(f"{section}.{name}", settings)


def _check_ranges(where: str, settings: dict) -> None:
    for key in ("scales", "focus", "context"):
        low, high = settings.get(key, (0, 0))
        if low > high:
            raise InputError(f"{where}.{key}: [{low}, {high}] runs backwards; write [{high}, {low}]")


def _check_supervision(plan: Plan, where: str, run: str) -> None:
    if not plan.supervised(run) and "generator" not in plan.run(run):
        raise InputError(f"{where}: add a generator, or labels: masks to train on the dataset's own masks")
    for images in plan.masked_images(run):
        if not plan.trains_segmenter(run):
            raise InputError(f"{where}: masks are for the segmenter, and there is none; add one, or take masks away")
        if plan.supervised(run):
            raise InputError(f"{where}: labels: masks uses every mask already; take masks: {images} away")
        if not made_here(images, plan.results) and not Path(images).is_file():
            raise InputError(f"{where}.masks: {images} does not exist; give a list of image names")


def _check_method(plan: Plan, where: str, run: str) -> None:
    spec = plan.method(run)
    if spec is None:
        return
    check_method(f"{where}.generator", spec["method"], options_of(spec))
    if plan.reads_scores(run) and not plan.trains_segmenter(run):
        raise InputError(f"{where}: '{spec['method']}' reads the scores of a segmenter; add one")


def _check_segmenter(plan: Plan, where: str, run: str) -> None:
    if plan.trains_segmenter(run):
        return
    if plan.supervised(run) or plan.learns(run):
        raise InputError(f"{where}: add a segmenter; only a run that takes a finished generator does without")
    if plan.run(run).get("stages", 1) != 1:
        raise InputError(f"{where}: without a segmenter masks are made once; take stages away, or add a segmenter")


def _check_files(plan: Plan, where: str, run: str) -> None:
    """Files that a user brings along; what lies in results/ may be made by this very workflow."""
    for path in plan.generator_file(run):
        if not Path(path).is_relative_to(plan.results) and not Path(path).is_file():
            raise InputError(f"{where}.generator.file: {path} does not exist; mend the path")
    weights = {
        "segmenter": plan.segmenter_initialisation(run, 0) if plan.trains_segmenter(run) else [],
        "generator": plan.generator_initialisation(run, 1) if plan.learns(run) else [],
    }
    for network, paths in weights.items():
        for path in paths:
            if not made_here(path, plan.results) and not Path(path).is_file():
                raise InputError(
                    f"{where}: the {network}'s initialisation '{path}' is neither imagenet nor none nor a file that is "
                    "there; mend the path, or put the file there"
                )


def _check_crf(plan: Plan, where: str, run: str) -> None:
    if plan.refines_labels(run) and plan.supervised(run):
        raise InputError(f"{where}: crf: labels refines pseudo masks, and labels: masks has none; write crf: true")
    if plan.refines(run) and not plan.evaluated(run) and not plan.refines_labels(run):
        raise InputError(f"{where}: crf: true refines what is scored; add evaluate, or write crf: labels")


def _check_teacher(plan: Plan, where: str, run: str) -> None:
    teacher = plan.teacher(run)
    if teacher is None:
        return
    learners = [name for name in plan.config["runs"] if plan.learns(name)]
    if teacher not in learners:
        raise InputError(f"{where}: '{teacher}' learns no generator; those that do: {_names(learners)}")
    if (
        "test_context" in plan.test_settings(run)
        and plan.generator_settings(teacher, 1).get("view", "image") == "image"
    ):
        raise InputError(
            f"{where}.generator.test_context: '{teacher}' has view: image, which crops no box; take it away"
        )
    wanted = plan.teacher_stage(run, plan.stages(run))
    if wanted > plan.stages(teacher):
        raise InputError(f"{where}: stage {wanted} of '{teacher}' is asked for, which has {plan.stages(teacher)}")
    if not plan.trains_segmenter(run) and not plan.generator_settings(teacher, wanted).get("score_dropout"):
        raise InputError(
            f"{where}: add a segmenter; the generator of '{teacher}' reads its scores, "
            "or give that generator's recipe a score_dropout"
        )


def _check_table(plan: Plan, where: str, settings: dict) -> None:
    for label, run in settings["runs"].items():
        if run not in plan.config["runs"]:
            raise InputError(f"{where}.runs: '{label}' is the run '{run}', which is not there; add it to runs")
        if settings["split"] not in plan.evaluated(run):
            raise InputError(f"{where}: '{run}' is not scored on {settings['split']}; add it to its evaluate")
        if settings["what"] == ["segmenter"] and not plan.trains_segmenter(run):
            raise InputError(f"{where}: '{run}' has no segmenter to score; take it out, or add pseudo masks to what")


def _names(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
