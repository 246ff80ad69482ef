"""Names in a configuration that lead nowhere, and runs that cannot be: refused before anything runs."""

import importlib
from collections.abc import Iterable

from pydantic import ValidationError

from lpg.errors import InputError
from lpg.generators.learned.recipe import generator_recipe
from lpg.generators.opening import check_method
from lpg.networks.registry import GENERATORS, HUB, SEGMENTERS, TRUNKS, Network
from lpg.planning import paths
from lpg.planning.configuration import TableSettings
from lpg.planning.file_checks import check_files
from lpg.planning.recursion import Plan
from lpg.planning.runs import Borrowed, Finished, Generic, Learned, Run
from lpg.segmenter.recipe import segmenter_recipe

COARSEST = 32  # pixels of a crop to one of a trunk's last features


def check_plan(plan: Plan) -> None:
    """Refuse a configuration that has a run or a table which cannot be made.

    Raises:
        InputError: says which run or table, and what is missing.
    """
    checks = (
        *(_check_names, _check_segmenter_recipe, _check_generator_recipe, _check_supervision, _check_segmenter),
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


def _check_segmenter_recipe(plan: Plan, where: str, run: Run) -> None:
    if not run.segmenter:
        return
    _check_recipe(where, "segmenters", run.segmenter, plan.config.segmenters, SEGMENTERS)
    entry, settings = f"segmenters.{run.segmenter}", plan.recipes.segmenter(run.segmenter)
    network = SEGMENTERS[settings["architecture"]]
    _check_trunk(entry, settings, network, SEGMENTERS)
    _check_start(entry, settings, network, "imagenet")
    _check_batch(plan, entry, run, network.least_batch)
    if "momentum" in settings and segmenter_recipe(settings).optimizer != "sgd":
        raise InputError(f"{entry}.momentum: adamw has none", "take it away, or write optimizer: sgd")
    if settings.get("masking") and not network.single_features:
        able = _names(name for name, line in SEGMENTERS.items() if line.single_features)
        raise InputError(
            f"{entry}: {settings['architecture']} has no single feature map for masking", f"take one of {able}"
        )


def _check_generator_recipe(plan: Plan, where: str, run: Run) -> None:
    if not isinstance(run.generator, Learned):
        return
    name = run.generator.recipe
    _check_recipe(where, "generators", name, plan.config.generators, GENERATORS)
    entry, settings = f"generators.{name}", plan.recipes.generator(name)
    network = GENERATORS[settings["architecture"]]
    _check_trunk(entry, settings, network, GENERATORS)
    _check_crop(plan, entry, name, run.stages, network.multiple)
    _check_focus(plan, entry, name)
    _check_context(plan, entry, name, run.stages)
    _check_start(entry, settings, network, "none")


def _check_start(where: str, settings: dict, network: Network, unsaid: str) -> None:
    trunkless = network.weights is None and not network.takes_trunk
    if settings.get("initialisation", unsaid) != "none" and trunkless:
        raise InputError(
            f"{where}: {settings['architecture']} has no trunk to start from", "write initialisation: none"
        )


def _check_batch(plan: Plan, where: str, run: Run, least: int) -> None:
    for stage in range(run.stages + 1):
        settings = plan.recipes.segmenter(run.segmenter, stage)
        if settings.get("batch", least) < least:
            raise InputError(
                f"{where}.batch: {settings['architecture']} normalises over the batch and cannot learn from "
                f"{settings['batch']} photograph",
                f"write {least} or more",
            )
        recipe = segmenter_recipe(settings)
        if recipe.batch == 1 and recipe.trunk and recipe.crop <= COARSEST:
            raise InputError(
                f"{where}: of one crop of {recipe.crop} pixels the trunk's last features are one pixel, from which its "
                "normalisation cannot learn",
                f"write batch: 2 or more, or a crop above {COARSEST}",
            )


def _check_trunk(where: str, settings: dict, network: Network, architectures: dict[str, Network]) -> None:
    written = [key for key in ("trunk", "trunk_factor") if key in settings]
    if written and not network.takes_trunk:
        able = _names(name for name, line in architectures.items() if line.takes_trunk)
        raise InputError(
            f"{where}: {settings['architecture']} takes no trunk of timm",
            f"take {' and '.join(written)} away, or take one of {able}",
        )
    trunk = settings.get("trunk")
    if trunk and trunk not in TRUNKS:
        _check_encoder(where, trunk)
    stride = settings.get("output_stride")
    if stride is not None and stride not in network.strides:
        known = " or ".join(map(str, sorted(network.strides)))
        raise InputError(
            f"{where}.output_stride: {settings['architecture']} has no output stride of {stride}",
            f"write {known}" if known else "take it away: its stride is fixed",
        )


def _check_encoder(where: str, trunk: str) -> None:
    """Only timm knows its encoders, and it brings torch along: it is asked for those that have no line of ours."""
    try:
        importlib.import_module(HUB.module).trunk_normalisation(trunk)
    except InputError as error:
        raise InputError(f"{where}.trunk: {error.fault}", error.remedy) from None


def _check_crop(plan: Plan, where: str, name: str, stages: int, multiple: int) -> None:
    """Masks would be stretched."""
    for stage in range(1, stages + 1):
        settings = plan.recipes.generator(name, stage)
        crop = generator_recipe(settings).crop
        if crop % multiple:
            raise InputError(
                f"{where}.crop: {crop} is no multiple of {multiple}, as {settings['architecture']} wants it",
                f"write {multiple * max(1, round(crop / multiple))}",
            )


def _check_focus(plan: Plan, where: str, name: str) -> None:
    """Of the scales of a recipe that crops around boxes in every stage nothing would be seen."""
    written = plan.config.generators.get(name)
    count = len((written and written.stages) or [None])
    stages = [plan.recipes.generator(name, stage) for stage in range(1, count + 1)]
    if any("scales" in settings for settings in stages) and all(settings.get("focus") for settings in stages):
        raise InputError(f"{where}: focus takes the place of scales", "take one of the two away")


def _check_context(plan: Plan, where: str, name: str, stages: int) -> None:
    """A crop has the whole box in it."""
    for stage in range(1, stages + 1):
        least = min(plan.recipes.generator(name, stage).get("context", (1,)))
        if least < 1:
            raise InputError(f"{where}.context: {least:g} sides of a box are less than the box", "write 1 or more")


def _check_recipe(where: str, section: str, name: str, named: dict, architectures: dict) -> None:
    if name not in named and name not in architectures:
        known = _names([*named, *architectures])
        raise InputError(f"{where}: '{name}' is neither in {section} nor an architecture", f"known are {known}")
    if name in named and name not in architectures and "architecture" not in named[name].model_fields_set:
        raise InputError(f"{section}.{name}: the architecture is missing", f"add one of {_names(architectures)}")


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
    """A run that only learns generators."""
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
    """A run may not change what the teacher's view does not have."""
    learned = plan.recipes.generator(plan.runs[teacher].generator.recipe, stage)
    try:
        generator_recipe({**learned, "apply": plan.apply(run.name, stage)})
    except ValidationError:
        raise InputError(
            f"{where}.generator.apply: '{teacher}' has view: image, which crops no box", "take context away"
        ) from None


def _check_twins(plan: Plan) -> None:
    """Two runs that would compute the same: a run may be scored on several datasets, and be in any number of rows."""
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
