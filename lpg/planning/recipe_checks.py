"""Recipes of a configuration that no network can be built or trained from: refused before anything runs."""

from lpg.errors import InputError
from lpg.generators.learned.recipe import generator_recipe
from lpg.networks.registry import GENERATORS, NORMALISATION, SEGMENTERS, TRUNKS, Network
from lpg.planning.recursion import Plan
from lpg.planning.runs import Learned, Run
from lpg.segmenter.recipe import segmenter_recipe

COARSEST = 32  # pixels of a crop to one of a trunk's last features


def check_segmenter_recipe(plan: Plan, where: str, run: Run) -> None:
    """Refuse the recipe of a run's segmenter if it is not there or does not fit its architecture.

    Raises:
        InputError: says which entry of the configuration, and what is wrong.
    """
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
        able = ", ".join(name for name, line in SEGMENTERS.items() if line.single_features)
        raise InputError(
            f"{entry}: {settings['architecture']} has no single feature map for masking", f"take one of {able}"
        )


def check_generator_recipe(plan: Plan, where: str, run: Run) -> None:
    """Refuse the recipe of the generator that a run learns, if it is not there or does not fit its architecture.

    Raises:
        InputError: says which entry of the configuration, and what is wrong.
    """
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


def _check_recipe(where: str, section: str, name: str, named: dict, architectures: dict) -> None:
    if name not in named and name not in architectures:
        known = ", ".join([*named, *architectures])
        raise InputError(f"{where}: '{name}' is neither in {section} nor an architecture", f"known are {known}")
    if name in named and name not in architectures and "architecture" not in named[name].model_fields_set:
        raise InputError(f"{section}.{name}: the architecture is missing", "add one of " + ", ".join(architectures))


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
        able = ", ".join(name for name, line in architectures.items() if line.takes_trunk)
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
    """Refuse an encoder that timm does not know; timm, which brings torch along, is asked if no line of ours has it."""
    try:
        NORMALISATION.open()(trunk)
    except InputError as error:
        raise InputError(f"{where}.trunk: {error.fault}", error.remedy) from None


def _check_crop(plan: Plan, where: str, name: str, stages: int, multiple: int) -> None:
    """Refuse a crop that is no multiple of what the network wants: masks would be stretched."""
    for stage in range(1, stages + 1):
        settings = plan.recipes.generator(name, stage)
        crop = generator_recipe(settings).crop
        if crop % multiple:
            raise InputError(
                f"{where}.crop: {crop} is no multiple of {multiple}, as {settings['architecture']} wants it",
                f"write {multiple * max(1, round(crop / multiple))}",
            )


def _check_focus(plan: Plan, where: str, name: str) -> None:
    """Refuse the scales of a recipe that crops around boxes in every stage: nothing would be seen of them."""
    written = plan.config.generators.get(name)
    count = len((written and written.stages) or [None])
    stages = [plan.recipes.generator(name, stage) for stage in range(1, count + 1)]
    if any("scales" in settings for settings in stages) and all(settings.get("focus") for settings in stages):
        raise InputError(f"{where}: focus takes the place of scales", "take one of the two away")


def _check_context(plan: Plan, where: str, name: str, stages: int) -> None:
    """Refuse a context below 1: a crop has the whole box in it."""
    for stage in range(1, stages + 1):
        least = min(plan.recipes.generator(name, stage).get("context", (1,)))
        if least < 1:
            raise InputError(f"{where}.context: {least:g} sides of a box are less than the box", "write 1 or more")
