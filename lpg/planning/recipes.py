"""The recipe of a network at a stage: what the configuration writes, `stages` applied."""

from collections.abc import Mapping
from typing import Any

from lpg.generators.learned.recipe import generator_recipe
from lpg.jobs.lines import Line
from lpg.networks.registry import GENERATORS, HUB, SEGMENTERS, TRUNKS, Network
from lpg.planning.blocks import given
from lpg.planning.configuration import Configuration
from lpg.segmenter.recipe import segmenter_recipe
from lpg.training.recipe import Recipe


class Recipes:
    """Recipes by name; a name that the configuration lacks is the architecture with its numbers in the registry."""

    def __init__(self, config: Configuration) -> None:
        self._segmenters = {name: given(entry) for name, entry in config.segmenters.items()}
        self._generators = {name: given(entry) for name, entry in config.generators.items()}

    def segmenter(self, name: str, stage: int = 0) -> dict[str, Any]:
        """The recipe of f^k, as the configuration writes it."""
        return _at_stage({"architecture": name, **self._segmenters.get(name, {})}, stage)

    def flip_test(self, name: str, stage: int) -> bool:
        """Whether f^k, where it is applied, averages the scores of the mirrored photograph."""
        return segmenter_recipe(self.segmenter(name, stage)).flip_test

    def generator(self, name: str, stage: int = 1) -> dict[str, Any]:
        """The recipe of g^k, as the configuration writes it, without how it is applied."""
        return {key: value for key, value in self._generator(name, stage).items() if key != "apply"}

    def apply(self, name: str, stage: int) -> dict[str, Any]:
        """How g^k makes masks, every field."""
        return generator_recipe(self._generator(name, stage)).apply.plain()

    def _generator(self, name: str, stage: int) -> dict[str, Any]:
        return _at_stage({"architecture": name, **self._generators.get(name, {})}, stage - 1)

    def segmenter_network(self, name: str) -> Network:
        """The registry's line of the segmenter's architecture."""
        return SEGMENTERS[self.segmenter(name)["architecture"]]

    def segmenter_lines(self, name: str) -> list[Line]:
        """What a segmenter opens: its network, and the weights of its trunk."""
        return _lines(SEGMENTERS, self.segmenter(name))

    def generator_lines(self, name: str) -> list[Line]:
        """What a generator opens: its network, and the weights of its trunk."""
        return _lines(GENERATORS, self.generator(name))


def segmenter_training(settings: dict[str, Any]) -> dict[str, Any]:
    """What of a segmenter's recipe is not its architecture's own: a number that is written out is no other number.

    How it is applied is left out.
    """
    own = {"architecture": settings["architecture"]}
    learned = {key: value for key, value in settings.items() if key != "flip_test"}
    return {**own, **_differences(learned, segmenter_recipe(own))}


def generator_training(settings: dict[str, Any]) -> dict[str, Any]:
    """What of a generator's recipe is neither its architecture's own nor its view's."""
    own = {key: settings[key] for key in ("architecture", "view") if settings.get(key, "image") != "image"}
    return {**own, **_differences(settings, generator_recipe(own))}


def _differences(settings: dict[str, Any], own: Recipe) -> dict[str, Any]:
    numbers = own.plain()
    return {key: value for key, value in settings.items() if value != numbers[key]}


def _lines(networks: Mapping[str, Network], settings: dict[str, Any]) -> list[Line]:
    line = networks[settings["architecture"]]
    trunk = settings.get("trunk", line.numbers.get("trunk"))
    return [line, TRUNKS.get(trunk, HUB)] if line.takes_trunk else [line]


def _at_stage(recipe: dict[str, Any], index: int) -> dict[str, Any]:
    """A recipe at a stage: its `stages` lists what changes from stage to stage, and the last entry stays."""
    settings = dict(recipe)
    stages = settings.pop("stages", [{}])
    changes = stages[min(index, len(stages) - 1)]
    if "apply" in settings and "apply" in changes:
        changes = {**changes, "apply": {**settings["apply"], **changes["apply"]}}
    return {**settings, **changes}
