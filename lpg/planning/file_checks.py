"""Files that a configuration names and that cannot be used: refused before anything runs."""

from collections.abc import Iterable
from os.path import exists, isdir, isfile
from pathlib import Path

from lpg.errors import InputError
from lpg.generators.shipped import may_be_network
from lpg.pixels.pngs import pngs_below
from lpg.planning import paths
from lpg.planning.parameters import Parameters
from lpg.planning.paths import RESULTS, made_here
from lpg.planning.reading import absence
from lpg.planning.recursion import Plan
from lpg.planning.runs import Finished, Learned, Run


def check_files(plan: Plan) -> None:
    """Refuse files that are missing, unless this very workflow makes them, or that are not what they should be.

    Raises:
        InputError: says of which key, and what is wrong.
    """
    for name, dataset in plan.config.datasets.items():
        _refuse_braces(f"datasets.{name}", (str(path) for path in dataset.listing))
    for run in plan.runs.values():
        where = f"runs.{run.name}"
        for check in (_check_own_masks, _check_generator, _check_initialisation, _check_decisions):
            check(plan, where, run)
    sources = plan.config.sources
    if sources and not isfile(sources):
        raise InputError(f"sources: {sources} {absence(sources)}", "mend the path, or take the key out")


def _refuse_braces(where: str, files: Iterable[str]) -> None:
    for path in files:
        if "{" in path or "}" in path:
            raise InputError(
                f"{where}: Snakemake takes what stands in braces in {path} for a wildcard", "rename it without braces"
            )


def _check_own_masks(plan: Plan, where: str, run: Run) -> None:
    if run.own_masks is None:
        return
    if not made_here(run.own_masks) and not isfile(run.own_masks):
        raise InputError(f"{where}.masks: {run.own_masks} {absence(run.own_masks)}", "give a list of image names")
    _refuse_braces(f"{where}.masks", [run.own_masks])


def _check_generator(plan: Plan, where: str, run: Run) -> None:
    if not isinstance(run.generator, Finished):
        return
    path = run.generator.path
    if run.generator.shipped and not isfile(path):
        raise InputError(f"{where}: the shipped generator {path} is missing", "install lpg anew")
    if not isfile(path) and path not in _learned(plan):
        fault = f"{where}.generator.file: {path} {absence(path)}"
        if Path(path).is_relative_to(RESULTS):
            raise InputError(f"{fault}, and no run makes it", "mend the path, or write {from: run}")
        raise InputError(fault, "mend the path")
    if isfile(path) and not may_be_network(path):
        raise InputError(f"{where}.generator.file: {path} is no checkpoint", "give a generator.pt of lpg's")
    _refuse_braces(f"{where}.generator", [path])


def _learned(plan: Plan) -> set[str]:
    """The generators that the workflow makes, and those files of them that are handed on."""
    learners = [run for run in plan.runs.values() if isinstance(run.generator, Learned)]
    handed_on = {paths.HANDED_ON.format(run=run.name) for run in learners}
    return handed_on.union(*(plan.generator(run.name, k) for run in learners for k in range(1, run.stages + 1)))


def _check_initialisation(plan: Plan, where: str, run: Run) -> None:
    parameters = Parameters(plan)
    weights = {
        "segmenter": parameters.segmenter_initialisation(run.name, 0) if run.segmenter else [],
        "generator": parameters.generator_initialisation(run.name, 1) if isinstance(run.generator, Learned) else [],
    }
    for network, files in weights.items():
        for path in files:
            if not made_here(path) and not isfile(path):
                raise InputError(
                    f"{where}: the {network}'s initialisation '{path}' is neither imagenet nor none nor a file that is "
                    "there",
                    "mend the path, or put the file there",
                )
        _refuse_braces(f"{where}: the {network}'s initialisation", files)


def _check_decisions(plan: Plan, where: str, run: Run) -> None:
    for path in run.decisions:
        if not exists(path):
            raise InputError(f"{where}.decisions: {path} does not exist", "mend the path, or put the file there")
        pictures = pngs_below(path) if isdir(path) else []
        if isdir(path) and not pictures:
            raise InputError(f"{where}.decisions: {path} has no PNG", "name its files <image>__<object id>.png")
        for picture in pictures:
            if not all(picture.stem.rpartition("__")):
                raise InputError(
                    f"{where}.decisions: {picture} does not say whose mask it is", "call it <image>__<object id>.png"
                )
        _refuse_braces(f"{where}.decisions", map(str, pictures or [path]))
