"""Names in a configuration that lead nowhere, and runs that cannot be: refused before anything runs."""

from collections.abc import Iterable

from pydantic import ValidationError

from lpg.errors import InputError
from lpg.generators.learned.recipe import generator_recipe
from lpg.generators.opening import check_method
from lpg.planning import paths
from lpg.planning.configuration import TableSettings
from lpg.planning.file_checks import check_files
from lpg.planning.parameters import Parameters
from lpg.planning.recipe_checks import check_generator_recipe, check_segmenter_recipe
from lpg.planning.recursion import Plan
from lpg.planning.runs import Borrowed, Finished, Generic, Learned, Run


def check_plan(plan: Plan) -> None:
    """Refuse a configuration that has a run or a table which cannot be made.

    Raises:
        InputError: says which run or table, and what is missing.
    """
    checks = (
        *(_check_names, check_segmenter_recipe, check_generator_recipe, _check_supervision, _check_segmenter),
        *(_check_method, _check_crf, _check_decisions, _check_band, _check_leaning),
    )
    for run in plan.runs.values():
        for check in checks:
            check(plan, f"runs.{run.name}", run)
    for run in plan.runs.values():  # once every teacher has passed
        _check_teacher(plan, f"runs.{run.name}", run)
    _check_twins(plan)
    for table, settings in plan.config.tables.items():
        _check_table(plan, f"tables.{table}", settings)
    for dataset in plan.config.gallery.datasets or ():
        _check_dataset(plan, "gallery.datasets", dataset)
    check_files(plan)


def _check_names(plan: Plan, where: str, run: Run) -> None:
    if run.name in paths.RESERVED:
        raise InputError(f"{where}: a run cannot be called '{run.name}', for results/{run.name} is taken", "rename it")
    for dataset in [*run.datasets, *run.evaluated]:
        if dataset in paths.BESIDE_DATASETS:
            taken = f"results/{run.name}/stage1/{dataset}"
            raise InputError(f"datasets: a dataset cannot be called '{dataset}', for {taken} is taken", "rename it")
        _check_dataset(plan, where, dataset)


def _check_dataset(plan: Plan, where: str, dataset: str) -> None:
    datasets = plan.config.datasets
    if dataset not in datasets:
        raise InputError(f"{where}: there is no dataset '{dataset}'", f"datasets has {_names(datasets)}")


def _check_supervision(plan: Plan, where: str, run: Run) -> None:
    if run.supervised and not isinstance(run.generator, Learned | None):
        raise InputError(f"{where}: with labels: masks no generator makes masks", "take one of the two away")
    if run.supervised and run.evaluated and set(run.evaluated) <= set(run.datasets):
        raise InputError(
            f"{where}: a segmenter is not scored on photographs whose masks it has learned",
            "add another dataset with masks to its evaluate, or take evaluate away",
        )
    if run.own_masks is None:
        return
    if run.segmenter is None:
        raise InputError(f"{where}: masks are for the segmenter, and there is none", "add one, or take masks away")
    if run.supervised:
        raise InputError(f"{where}: labels: masks uses every mask already", f"take masks: {run.own_masks} away")


def _check_method(plan: Plan, where: str, run: Run) -> None:
    if isinstance(run.generator, Generic):
        check_method(f"{where}.generator", run.generator.method, run.generator.options)
        if run.reads_scores and run.segmenter is None:
            raise InputError(f"{where}: '{run.generator.method}' reads the scores of a segmenter", "add one")


def _check_segmenter(plan: Plan, where: str, run: Run) -> None:
    if run.segmenter:
        return
    if run.supervised:
        raise InputError(f"{where}: labels: masks trains a segmenter, and there is none", "add one")
    if run.only_learns:
        _check_learner(plan, where, run)
        return
    if plan.config.runs[run.name].stages not in (None, 1):
        raise InputError(f"{where}: without a segmenter masks are made once", "take stages away, or add a segmenter")


def _check_learner(plan: Plan, where: str, run: Run) -> None:
    """Refuse a run that only learns generators, if it has no stage, needs a segmenter's scores, or would be scored."""
    recipe = run.generator.recipe
    if not run.stages:
        raise InputError(f"{where}.stages: without one the run learns no generator", "write 1 or more")
    for stage in range(1, run.stages + 1):
        if plan.recipes.generator(recipe, stage).get("score_dropout") != 1:
            raise InputError(
                f"{where}: there is no segmenter whose scores the generator '{recipe}' could learn from",
                f"add one, or {_with_dropout(plan, recipe, '1')}",
            )
    if run.evaluated or run.refines:
        raise InputError(
            f"{where}: without a segmenter it learns generators and makes no masks",
            "score them in a run that borrows them: {dataset: …, generator: {from: " + run.name + "}, evaluate: […]}",
        )


def _with_dropout(plan: Plan, recipe: str, part: str) -> str:
    """How a generator comes to know photographs without scores; an architecture's own numbers have no room for it."""
    if recipe in plan.config.generators:
        return f"write score_dropout: {part} in generators.{recipe}"
    mine = f"generators: {{mine: {{architecture: {recipe}, score_dropout: {part}}}}}"
    return f"add {mine} and write learn: mine"


def _check_crf(plan: Plan, where: str, run: Run) -> None:
    if run.refines_labels and run.supervised:
        raise InputError(f"{where}: crf: labels refines pseudo masks, and labels: masks has none", "write crf: true")
    if run.refines_labels and run.ignore_band:
        raise InputError(f"{where}: after crf: labels no pixel is void", "take ignore_band away, or write crf: true")
    if run.refines and not run.evaluated and not run.refines_labels:
        raise InputError(f"{where}: crf: true refines what is scored", "add evaluate, or write crf: labels")


def _check_band(plan: Plan, where: str, run: Run) -> None:
    if run.ignore_band and (run.supervised or run.only_learns):
        raise InputError(f"{where}: ignore_band is about masks, and this run makes none", "take it away")


def _check_leaning(plan: Plan, where: str, run: Run) -> None:
    if isinstance(run.generator, Borrowed | Finished) and run.generator.apply.get("score_weight") and not run.segmenter:
        raise InputError(
            f"{where}.generator.apply.score_weight: masks cannot lean on scores, for the run has no segmenter",
            "add one, or take score_weight away",
        )


def _check_decisions(plan: Plan, where: str, run: Run) -> None:
    if run.decisions and (run.supervised or run.only_learns):
        raise InputError(f"{where}: decisions are about masks, and this run makes none", "take decisions away")
    if "rejected" in plan.config.runs[run.name].model_fields_set and not run.decisions:
        raise InputError(f"{where}: rejected is about decisions, and there are none", "add them, or take it away")


def _check_teacher(plan: Plan, where: str, run: Run) -> None:
    if not isinstance(run.generator, Borrowed):
        return
    teacher = run.generator.teacher
    learners = [name for name, other in plan.runs.items() if isinstance(other.generator, Learned)]
    if teacher not in learners:
        raise InputError(f"{where}: '{teacher}' learns no generator", f"those that do: {_names(learners)}")
    if not plan.runs[teacher].stages:
        raise InputError(f"{where}: '{teacher}' has stage 0 alone, and learns no generator", "give it more stages")
    wanted = plan.teacher_stage(run.name, run.stages)
    if wanted > plan.runs[teacher].stages:
        raise InputError(
            f"{where}: stage {wanted} of '{teacher}' is asked for, which has {plan.runs[teacher].stages}",
            f"give '{teacher}' as many stages, or this run fewer",
        )
    _check_apply(plan, where, run, teacher, wanted)
    settings = plan.recipes.generator(plan.runs[teacher].generator.recipe, wanted)
    if run.segmenter is None and not settings.get("score_dropout"):
        dropout = _with_dropout(plan, plan.runs[teacher].generator.recipe, "0.5")
        raise InputError(
            f"{where}: there is no segmenter, and the generator of '{teacher}' reads its scores",
            f"add a segmenter, or {dropout} ('{teacher}' is trained anew then)",
        )


def _check_apply(plan: Plan, where: str, run: Run, teacher: str, stage: int) -> None:
    """Refuse a run that changes what the teacher's view does not have."""
    learned = plan.recipes.generator(plan.runs[teacher].generator.recipe, stage)
    try:
        generator_recipe({**learned, "apply": Parameters(plan).apply(run.name, stage)})
    except ValidationError:
        raise InputError(
            f"{where}.generator.apply: '{teacher}' has view: image, which crops no box", "take context away"
        ) from None


def _check_twins(plan: Plan) -> None:
    """Refuse two runs that would compute the same: one may be scored on several datasets, and be in many rows."""
    seen: dict[tuple, str] = {}
    for run in plan.runs.values():
        first = seen.setdefault(run.ingredients, run.name)
        if first != run.name:
            raise InputError(
                f"runs.{run.name}: it computes what runs.{first} computes",
                "keep one of them; it may have all their stages and datasets to evaluate, crf: true scores both with "
                "and without a CRF, and a table may name it in several rows",
            )


def _check_table(plan: Plan, where: str, settings: TableSettings) -> None:
    for label, name in settings.runs.items():
        if name not in plan.runs:
            raise InputError(f"{where}.runs: '{label}' is the run '{name}', which is not there", "add it to runs")
        run = plan.runs[name]
        if settings.split not in run.evaluated:
            raise InputError(f"{where}: '{name}' is not scored on {settings.split}", "add it to its evaluate")
        if settings.what == ["pseudo masks"] and run.supervised:
            raise InputError(f"{where}: '{name}' has no pseudo masks to score", "take it out, or add segmenter to what")
        if not run.stages:
            raise InputError(f"{where}: '{name}' has stage 0 alone, and tables are of the others", "take it out")
        if settings.what == ["segmenter"] and run.segmenter is None:
            raise InputError(f"{where}: '{name}' has no segmenter to score", "take it out, or add pseudo masks to what")
        if settings.what == ["segmenter"] and settings.split in run.datasets:
            raise InputError(
                f"{where}: '{name}' learns {settings.split}, and a segmenter is not scored on what it has learned from",
                "take it out, or another split",
            )


def _names(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
