"""How networks are trained and applied, stage by stage: what the rules are told of recipes."""

from typing import Any

from lpg.generators.registry import METHODS
from lpg.planning.demands import check_learner, check_segmenter, lack
from lpg.planning.recipes import generator_training, segmenter_training
from lpg.planning.recursion import Plan
from lpg.planning.runs import Borrowed, Finished, Generic, Learned


class Parameters:
    """The parameters of rules. Methods are asked by the names of a rule's wildcards."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.recipes = plan, plan.recipes

    def stage_seed(self, stage: int) -> int:
        """Another seed for every stage, so that no stage sees the batches of the one before."""
        return self.plan.config.seed * 1000 + stage

    def segmenter_settings(self, run: str, stage: int) -> dict[str, Any]:
        """The recipe of f^k, but for what is its architecture's own, and for how it is applied.

        Raises:
            InputError: the run has no segmenter.
        """
        check_segmenter(self.plan.run(run))
        return segmenter_training(self.recipes.segmenter(self.plan.run(run).segmenter, stage))

    def flip_test(self, run: str, stage: int) -> bool:
        """Whether p^k averages the mirrored photograph's scores; not without a segmenter."""
        segmenter = self.plan.run(run).segmenter
        return segmenter is not None and self.recipes.flip_test(segmenter, stage)

    def last_flip_test(self, run: str) -> bool:
        """Whether f^K averages the scores of the mirrored photograph."""
        return self.flip_test(run, self.plan.run(run).stages)

    def training_settings(self, run: str, stage: int) -> dict[str, Any]:
        """The recipe of f^k where it is trained.

        Raises:
            InputError: as of `segmenter_settings`, or f^0 is another's.
        """
        if self.plan.owner(run, stage) != run:
            raise lack(
                self.plan.run(run), "segmenter of stage 0 of its own", f"ask for {self.plan.segmenter(run, stage)}"
            )
        return self.segmenter_settings(run, stage)

    def segmenter_initialisation(self, run: str, stage: int) -> list[str]:
        """The local weights that f^0 starts from, where the recipe names a file."""
        initialisation = self.segmenter_settings(run, 0).get("initialisation", "imagenet")
        return [] if stage else _weights_file(initialisation)

    def generator_settings(self, run: str, stage: int) -> dict[str, Any]:
        """The recipe of g^k in the run that learns it, but for what is its architecture's own.

        Raises:
            InputError: the run learns none, or none at this stage.
        """
        check_learner(self.plan.run(run), stage)
        return generator_training(self.recipes.generator(self.plan.run(run).generator.recipe, stage))

    def generator_initialisation(self, run: str, stage: int) -> list[str]:
        """The local weights that g^1 starts from, where the recipe names a file."""
        initialisation = self.generator_settings(run, stage).get("initialisation", "none")
        return _weights_file(initialisation) if stage == 1 else []

    def apply(self, run: str, stage: int) -> dict[str, Any]:
        """How the run's masks are made, every field; of a finished generator, what the run changes.

        The whole block: the checkpoint has that of its training, and a key that is taken out must count.
        """
        match self.plan.run(run).generator:
            case Learned(recipe=recipe):
                return self.recipes.apply(recipe, stage)
            case Borrowed(teacher=teacher, apply=changes):
                return {**self.apply(teacher, self.plan.teacher_stage(run, stage)), **changes}
            case Finished(apply=changes):
                return dict(changes)
        return {}

    def last_apply(self, run: str) -> dict[str, Any]:
        """How g^K makes masks: what goes with a generator that is handed on."""
        return self.apply(run, self.plan.run(run).stages)

    def ignore_band(self, run: str) -> tuple[float, float] | None:
        """Between which values of a soft mask the run's labels are void, where that is not the generator's own."""
        return self.plan.run(run).ignore_band

    def method(self, run: str) -> dict[str, Any]:
        """The generic generator of a run: `name`, and the `options` that are not its defaults; {} for a learned one."""
        generator = self.plan.run(run).generator
        if not isinstance(generator, Generic):
            return {}
        defaults = METHODS[generator.method].options
        options = {key: value for key, value in generator.options.items() if value != defaults[key]}
        return {"name": generator.method, "options": options}


def _weights_file(initialisation: str) -> list[str]:
    return [] if initialisation in ("imagenet", "none") else [initialisation]
